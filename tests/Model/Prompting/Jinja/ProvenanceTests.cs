using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Tests.Prompting.Jinja;

/// <summary>Every character of a rendered text knows whether it came from the conversation, whatever was done to it.</summary>
public class ProvenanceTests
{
    private const string Variables = """{"c": " User's <text>\n", "w": "user", "list": ["one", "two"], "o": {"key": "value"}, "n": 12}""";

    // The conversation's characters stand in brackets; the template's own are outside of them.
    [Theory]
    [InlineData("{{ '<s>' + w + '</s>' }}", "<s>⟦user⟧</s>")]
    [InlineData("{{ '<s>' ~ w ~ n }}", "<s>⟦user⟧12")]
    [InlineData("a{{ c }}b", "a⟦ User's <text>\n⟧b")]
    [InlineData("{{ c | trim }}", "⟦User's <text>⟧")]
    [InlineData("{{ (' ' + c + ' ').strip() }}", "⟦User's <text>⟧")]
    [InlineData("{{ ('ab' + w + 'cd')[1:-1] }}", "b⟦user⟧c")]
    [InlineData("{{ ('ab' + w)[::-1] }}", "⟦resu⟧ba")]
    [InlineData("{{ ('ab' + w)[3] }}", "⟦s⟧")]
    [InlineData("{{ ('ab' + w) | upper }}", "AB⟦USER⟧")]
    [InlineData("{{ ('ab ' + w) | title }}", "Ab ⟦User⟧")]
    [InlineData("{{ (w + 'AB') | capitalize }}", "⟦User⟧ab")]
    [InlineData("{{ ('<s>' + w).replace('s', 'S') }}", "<S>⟦u⟧S⟦er⟧")]
    [InlineData("{{ 'a-b' | replace('-', w) }}", "a⟦user⟧b")]
    [InlineData("{{ ('x,' + w + ',y').split(',') | join(';') }}", "x;⟦user⟧;y")]
    [InlineData("{{ ('x ' + w).split()[1] }}", "⟦user⟧")]
    [InlineData("{{ ('x:' + w).partition(':')[2] }}", "⟦user⟧")]
    [InlineData("{{ list | join(' and ') }}", "⟦one⟧ and ⟦two⟧")]
    [InlineData("{{ '-'.join(list) }}", "⟦one⟧-⟦two⟧")]
    [InlineData("{{ w.join(['a', 'b']) }}", "a⟦user⟧b")]
    [InlineData("{{ list }}", "['⟦one⟧', '⟦two⟧']")]
    [InlineData("{{ o }}", "{'⟦key⟧': '⟦value⟧'}")]
    [InlineData("{{ o | tojson }}", "{\"⟦key⟧\": \"⟦value⟧\"}")]
    [InlineData("{{ c | tojson }}", "\"⟦ User's <text>\\n⟧\"")]
    [InlineData("{{ {'k': w} | tojson(indent=1) }}", "{\n \"k\": \"⟦user⟧\"\n}")]
    [InlineData("{% for k, v in o.items() %}{{ k }}={{ v }}{% endfor %}", "⟦key⟧=⟦value⟧")]
    [InlineData("{% for x in w %}{{ x }}.{% endfor %}", "⟦u⟧.⟦s⟧.⟦e⟧.⟦r⟧.")]
    [InlineData("{% set x %}<{{ w }}>{% endset %}{{ x }}", "<⟦user⟧>")]
    [InlineData("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(w) }}", "<⟦user⟧>")]
    [InlineData("{% filter upper %}a{{ w }}{% endfilter %}", "A⟦USER⟧")]
    [InlineData("{{ '%s is %5s' % (w, w) }}", "⟦user⟧ is  ⟦user⟧")]
    [InlineData("{{ '{}-{a}'.format(w, a=w) }}", "⟦user⟧-⟦user⟧")]
    [InlineData("{{ (w + '\n' + w) | indent(2) }}", "⟦user⟧\n  ⟦user⟧")]
    [InlineData("{{ (w + '<') | e }}", "⟦user⟧&lt;")]
    [InlineData("{{ c | e }}", "⟦ User&#39;s &lt;text&gt;\n⟧")]
    [InlineData("{{ w * 2 }}", "⟦useruser⟧")]
    [InlineData("{{ w.center(8, '*') }}", "**⟦user⟧**")]
    [InlineData("{{ ('a\n' + w).splitlines()[1] }}", "⟦user⟧")]
    [InlineData("{{ o.get('key') }}{{ o['key'] }}{{ o.none | default('d') }}", "⟦valuevalue⟧d")]
    [InlineData("{% set ns = namespace(t='') %}{% for x in list %}{% set ns.t = ns.t + x + '|' %}{% endfor %}{{ ns.t }}", "⟦one⟧|⟦two⟧|")]
    [InlineData("{{ w if true }}{{ w or 'x' }}", "⟦useruser⟧")]
    [InlineData("{{ [w, 'a'] | sort | join }}", "a⟦user⟧")]
    public void Characters_keep_where_they_came_from(string template, string expected) =>
        Assert.Equal(expected, Bracketed(Rendering.Of(template, Variables)));

    private static string Bracketed(TemplateText text) => string.Concat(text.Runs().Select(run =>
    {
        var part = text.Value.Substring(run.Span.Start, run.Span.Length);
        return run.IsLiteral ? $"⟦{part}⟧" : part;
    }));
}
