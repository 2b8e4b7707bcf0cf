using System.Runtime.CompilerServices;
using System.Text.Json;
using Orca.Model.Prompting.Jinja;

namespace Orca.Model.Tests.Prompting.Jinja;

/// <summary>
/// What Python's jinja2 3.1.6 writes, set up as Hugging Face's transformers sets it up (trim_blocks, lstrip_blocks, loop controls,
/// its own tojson): recorded in jinja2.json.
/// </summary>
public class PythonSemanticsTests
{
    private static readonly JsonDocument Recorded = JsonDocument.Parse(File.ReadAllBytes(Path()));

    public static TheoryData<string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string>();
        foreach (var group in Recorded.RootElement.EnumerateObject().Where(group => group.Name != "variables"))
        {
            foreach (var one in group.Value.EnumerateArray())
            {
                cases.Add(group.Name, one[0].GetString()!, one[1].GetString()!);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_template_writes_what_python_writes(string group, string template, string expected)
    {
        Assert.NotEmpty(group);
        Assert.Equal(expected, Rendering.Of(template, Recorded.RootElement.GetProperty("variables")).Value);
    }

    [Theory]
    [InlineData("{{ nope.a }}", "'nope' is undefined")]
    [InlineData("{{ none.a.b }}", "no attribute or element 'a'")]
    [InlineData("{{ x.nope.more }}", "no attribute or element 'nope'")]
    [InlineData("{{ nope + 'a' }}", "'nope' is undefined")]
    [InlineData("{{ nope|tojson }}", "'nope' is undefined")]
    [InlineData("{% for a in none %}{% endfor %}", "'NoneType' cannot be gone through")]
    [InlineData("{{ 'a' + 1 }}", "'+' has no meaning between 'str' and 'int'")]
    [InlineData("{{ 'a' + none }}", "'+' has no meaning between 'str' and 'NoneType'")]
    [InlineData("{{ 'x' < 1 }}", "have no order")]
    [InlineData("{{ [3, 'a'] | sort }}", "have no order")]
    [InlineData("{{ 1 / 0 }}", "division by zero")]
    [InlineData("{{ ','.join([1]) }}", "'join' joins texts")]
    [InlineData("{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}", "'f' takes 1 arguments at most")]
    [InlineData("{% macro f(a) %}{% endmacro %}{{ f(b=2) }}", "'f' has no argument 'b'")]
    [InlineData("{% for a, b in [[1, 2, 3]] %}{% endfor %}", "2 values were expected where there are 3")]
    [InlineData("{{ raise_exception('not ' ~ 'so') }}", "not so")]
    [InlineData("{{ x.a() }}", "cannot be called")]
    [InlineData("{{ [1]|map('nosuch' ~ '') }}", "there is no filter 'nosuch'")]
    public void What_python_refuses_is_refused(string template, string reason)
    {
        // 'a' is assigned, so that x.a() is no unknown method when the template is read.
        var fault = Assert.Throws<JinjaException>(() => Rendering.Of("{% set a = 1 %}" + template, """{"x": {"a": 1}}"""));
        Assert.Contains(reason, fault.Message);
    }

    [Fact]
    public void The_time_is_the_clocks()
    {
        var clock = new FixedClock(new DateTimeOffset(2025, 3, 7, 15, 4, 9, TimeSpan.Zero));
        using var none = JsonDocument.Parse("{}");
        Assert.Equal(
            "07 Mar 2025|2025-03-07 15:04:09|Friday, March 7|03 PM 066 25",
            Rendering.Of(
                "{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%Y-%m-%d %H:%M:%S') }}|{{ strftime_now('%A, %B %-d') }}|{{ "
                    + "strftime_now('%I %p %j %y') }}",
                none.RootElement, clock).Value);
    }

    private static string Path([CallerFilePath] string here = "") =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "jinja2.json");

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
