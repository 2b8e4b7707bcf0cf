using Orca.Model.Prompting.Jinja;

namespace Orca.Model.Tests.Prompting.Jinja;

public class RefusalTests
{
    [Theory]
    [InlineData("{% include 'other' %}", "line 1: the tag 'include' is not known")]
    [InlineData("a\n{% do x %}", "line 2: the tag 'do' is not known")]
    [InlineData("{{ x | urlize }}", "the filter 'urlize' is not known")]
    [InlineData("{% if false %}{{ x | urlize }}{% endif %}", "the filter 'urlize' is not known")]
    [InlineData("{{ x is escaped }}", "the test 'escaped' is not known")]
    [InlineData("{{ x | map('urlize') }}", "the filter 'urlize' is not known")]
    [InlineData("{{ x | selectattr('a', 'near', 1) }}", "the test 'near' is not known")]
    [InlineData("{{ x.encode('utf-8') }}", "the method 'encode' is not known")]
    [InlineData("{{ x.append(1) }}", "the method 'append' changes a value")]
    [InlineData("{{ now() }}", "the function 'now' is not known")]
    [InlineData("{% macro f() %}{{ varargs }}{% endmacro %}", "'varargs' is not supported")]
    [InlineData("{% for x in y recursive %}{% endfor %}", "recursive loops are not supported")]
    [InlineData("{{ f(*x) }}", "arguments behind '*' are not supported")]
    [InlineData("{{ '\\N{BULLET}' }}", "characters by name")]
    [InlineData("{% if x %}", "'{% endif %}' is missing")]
    [InlineData("{% for x in y %}{% endif %}", "unexpected tag 'endif' where '{% endfor %}' is missing")]
    [InlineData("{% endif %}", "the tag 'endif' is not known")]
    [InlineData("{{ x", "tag is not closed by '}}'")]
    [InlineData("{# x", "comment is not closed")]
    [InlineData("{% raw %}", "raw block is not closed")]
    [InlineData("{{ (1 }}", "unexpected '}'")]
    [InlineData("{{ 1 ) }}", "unexpected ')'")]
    [InlineData("{{ 'x }}", "unexpected character '''")]
    [InlineData("{{ }}", "a value was expected")]
    [InlineData("{{ ? }}", "unexpected character '?'")]
    [InlineData("{% break %}", "'break' stands outside of a loop")]
    [InlineData("{% for x in y %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}", "outside of a loop")]
    [InlineData("{% set %}", "a name was expected")]
    [InlineData("{% if x %}{% else %}{% else %}{% endif %}", "unexpected tag 'else'")]
    public void What_is_not_known_is_named_when_the_template_is_read(string template, string reason) =>
        Assert.Contains(reason, Assert.Throws<JinjaSyntaxException>(() => JinjaTemplate.Parse(template)).Message);

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(t='ab') %}{% for a in range(100) %}{% set ns.t = ns.t + ns.t %}{% endfor %}", "characters")]
    [InlineData("{{ 'ab' * 1000000000 }}", "characters")]
    [InlineData("{{ [1] * 1000000000 }}", "steps")]
    [InlineData("{{ range(1000000000) }}", "a range holds")]
    [InlineData("{{ 7 ** 1000000 }}", "bits")]
    [InlineData("{% for a in range(10000) %}{{ 'x' * 10000 }}{% endfor %}", "steps")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "64 deep")]
    [InlineData("{% set ns = namespace(t=[]) %}{% for a in range(100000) %}{% set ns.t = [ns.t] %}{% endfor %}{{ ns.t }}", "too deeply")]
    [InlineData("{{ 'a'.ljust(1000000000) }}", "characters")]
    [InlineData("{{ '%999999999d' % 1 }}", "a width of more")]
    [InlineData("{% set ns = namespace(t='a') %}{% for a in range(30) %}{% set ns.t = ns.t.replace('a', 'aa') %}{% endfor %}", "steps")]
    public void No_template_takes_more_than_its_share(string template, string reason) =>
        Assert.Contains(reason, Assert.Throws<JinjaException>(() => Rendering.Of(template)).Message);

    [Fact]
    public void A_template_may_not_nest_without_end() => Assert.Contains(
        "within each other", Assert.Throws<JinjaSyntaxException>(() => JinjaTemplate.Parse("{{ " + new string('(', 5000) + "1" + new string(')', 5000) + " }}")).Message);

    // On a stack so small that no compiler's frames fit it.
    [Fact]
    public void A_long_chain_is_refused_rather_than_ending_the_process()
    {
        const int stackBytes = 256 << 10;
        Exception? thrown = null;
        var thread = new Thread(
            () => thrown = Record.Exception(() => Rendering.Of("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + " }}")),
            stackBytes);
        thread.Start();
        thread.Join();

        Assert.Contains("too deeply", Assert.IsType<JinjaException>(thrown).Message);
    }
}
