using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Tests.Configuration;

public sealed class TeacherEndpointsTests
{
    private const string Two = """
        [
          { "name": "cheap", "url": "http://127.0.0.1:1/v1", "model": "small", "requestsPerMinute": 300, "tokensPerMinute": 120000,
            "priceIn": 0.5, "priceOut": 1.5, "concurrency": 32 },
          { "name": "dear", "kind": "azure", "url": "http://127.0.0.1:2/openai/deployments/d?api-version=1", "model": "large",
            "leaveOut": ["temperature"], "add": { "reasoning_effort": "low", "seed": 7 }, "headers": { "X-Team": "orca" }, "budget": 5,
            "priceIn": 30, "priceOut": 60, "maxTokens": 4096 },
        ]
        """;

    [Fact]
    public void A_list_of_endpoints_is_read_and_what_is_left_away_is_as_the_section_has_it()
    {
        var teacher = Teacher(Value("teacher.endpoints", Two), Value("teacher.topP", "0.5"), Value("teacher.parallel", "8"));

        var endpoints = TeacherEndpoints.Of(teacher);

        Assert.Equal(["cheap", "dear"], endpoints.Select(endpoint => endpoint.Name));
        var (cheap, dear) = (endpoints[0], endpoints[1]);
        Assert.Equal(
            (EndpointKind.OpenAi, "small", 300, 120_000, 32, 0.5m, 1.5m, 0.5, 1024),
            (cheap.Kind, cheap.Model, cheap.RequestsPerMinute, cheap.TokensPerMinute, cheap.Concurrency, cheap.PriceIn, cheap.PriceOut,
                cheap.TopP, cheap.MaxTokens));
        Assert.Equal((EndpointKind.Azure, null, 8, 4096), (dear.Kind, dear.RequestsPerMinute, dear.Concurrency, dear.MaxTokens));
        Assert.Equal(("\"low\"", "7", "orca"), (dear.Add["reasoning_effort"], dear.Add["seed"], dear.Headers["X-Team"]));
        Assert.Equal(["temperature"], dear.LeaveOut);
        Assert.Equal([new Budget(BudgetScope.Endpoint, "dear", 5)], TeacherEndpoints.Budgets(teacher));
    }

    [Fact]
    public void Each_stage_asks_all_endpoints_or_those_it_names()
    {
        var teacher = Teacher(Value("teacher.endpoints", Two), Value("teacher.expertEndpoints", "dear"));

        Assert.Equal(["cheap", "dear"], TeacherEndpoints.NamesFor(teacher, Stages.Assistant));
        Assert.Equal(["dear"], TeacherEndpoints.NamesFor(teacher, Stages.Expert));
    }

    [Fact]
    public void A_single_teacher_is_one_endpoint_for_each_of_its_models()
    {
        var url = Value("teacher.baseUrl", "http://127.0.0.1:1/v1");
        var one = Teacher(url, Value("teacher.model", "m"), Value("teacher.requestsPerMinute", "60"), Value("teacher.priceOut", "2"));
        var two = Teacher(url, Value("teacher.model", "m"), Value("teacher.expertModel", "x"));

        Assert.Equal(
            ("m", 60, 2m),
            (TeacherEndpoints.Of(one).Single().Name, TeacherEndpoints.Of(one)[0].RequestsPerMinute, TeacherEndpoints.Of(one)[0].PriceOut));
        Assert.Equal(["m"], TeacherEndpoints.NamesFor(one, Stages.Expert));
        Assert.Equal(["m", "x"], TeacherEndpoints.Of(two).Select(endpoint => endpoint.Name));
        Assert.Equal(["m"], TeacherEndpoints.NamesFor(two, Stages.Assistant));
        Assert.Equal(["x"], TeacherEndpoints.NamesFor(two, Stages.Expert));
    }

    [Fact]
    public void A_settings_file_has_them_as_a_list_of_objects()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, $$"""{ "teacher": { "kind": "openai", "endpoints": {{Two}} } }""");
        var settings = SettingsBinder.Bind(SettingsFile.Read(file));
        File.Delete(file);

        Assert.Equal(2, settings.Teacher.Endpoints.Length);
    }

    [Theory]
    [InlineData("teacher.endpoints", """[{"name":"a","modell":"m"}]""", "what stands at $[0].modell is something else")]
    [InlineData("teacher.endpoints", """[{"name":"a","concurrency":"many"}]""", "what stands at $[0].concurrency is something else")]
    [InlineData("teacher.endpoints", "a,b", "expected a JSON array of objects")]
    [InlineData("teacher.endpoints", """[{"name":"a","url":"ftp://x"}]""", "expected an http or https address")]
    [InlineData("teacher.endpoints", """[{"name":"a","kind":"gopher"}]""", "has the kind 'gopher'; expected openai or azure")]
    [InlineData("teacher.endpoints", """[{"name":"a","concurrency":0}]""", "'a': concurrency is 0; give 1 or more")]
    [InlineData("teacher.endpoints", """[{"name":"a"},{"name":"a"}]""", "has two endpoints 'a'")]
    [InlineData("teacher.expertEndpoints", "b", "names the endpoint 'b'; there are gpt-4o-mini")]
    [InlineData("teacher.stageBudgets", "novice=1", "names the stage 'novice'; there are assistant, expert and judge")]
    [InlineData("teacher.budget", "5", "There is a budget, but no endpoint has a price")]
    public void What_is_wrong_is_told_in_a_sentence(string key, string text, string expected)
    {
        var faults = Assert.Throws<SettingsException>(
            () => Teacher(Value("teacher.baseUrl", "http://127.0.0.1:1/v1"), Value(key, text))).Faults;
        Assert.Contains(faults, fault => fault.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""[{"name":"a","url":"http://127.0.0.1:1/v1","priceOut":1,"leaveOut":["max_tokens"]}]""")]
    [InlineData("""[{"name":"a","url":"http://127.0.0.1:1/v1","priceOut":1,"add":{"n":4}}]""")]
    [InlineData("""[{"name":"a","kind":"azure","url":"http://127.0.0.1:1/v1","priceOut":1,"leaveOut":["max_completion_tokens"]}]""")]
    public void A_budget_needs_a_bound_on_the_length_of_answers(string endpoints)
    {
        var fault = Assert.Single(Assert.Throws<SettingsException>(
            () => Teacher(Value("teacher.endpoints", endpoints), Value("teacher.budget", "5"))).Faults);
        Assert.Contains("'a' has a budget, but is not told how long an answer may be", fault);
        Teacher(Value("teacher.endpoints", endpoints));
    }

    [Theory]
    [InlineData("a", "b", null)]
    [InlineData("a,b", "a", "the endpoint 'b' is asked at temperature 0")]
    [InlineData("b", "b", "the endpoint 'b' is asked at temperature 0")]
    public void Who_is_asked_several_times_answers_otherwise_each_time_but_who_only_judges_need_not(
        string teachers, string judge, string? expected)
    {
        const string one = """{"name":"a","url":"http://127.0.0.1:1/v1"}""";
        const string greedy = """{"name":"b","url":"http://127.0.0.1:1/v1","temperature":0}""";
        TeacherSettings Several() => Teacher(
            Value("teacher.endpoints", $"[{one},{greedy}]"),
            Value("teacher.assistantEndpoints", "a"), Value("teacher.expertEndpoints", teachers), Value("teacher.judgeEndpoints", judge),
            Value("teacher.answers", "3"));

        if (expected is null)
        {
            Assert.Equal(3, Several().Answers);
            return;
        }

        Assert.Contains(expected, Assert.Single(Assert.Throws<SettingsException>(Several).Faults));
    }

    private static TeacherSettings Teacher(params SettingValue[] values) =>
        SettingsBinder.Bind([Value("teacher.kind", "openai"), .. values]).Teacher;

    private static SettingValue Value(string key, string text) => SettingValue.FromText(key, text, "test");
}
