using System.Net;

namespace Orca.Serving.Tests.OpenAi;

public class CompletionTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task A_text_is_continued_whole_and_streamed()
    {
        await using var server = await HttpServer.StartAsync("abcdef");

        var whole = await server.AskAsync(Path, new { model = "student", prompt = "ab", temperature = 0 });
        var events = await server.StreamAsync(Path, new { prompt = "ab", temperature = 0, stream = true });

        Assert.Equal(
            ("text_completion", "cdef", "stop"),
            ((string?)whole["object"], (string?)whole["choices"]![0]!["text"], (string?)whole["choices"]![0]!["finish_reason"]));
        Assert.Equal("cdef", string.Concat(events.Select(one => (string?)one["choices"]![0]!["text"])));
        Assert.Equal("stop", (string?)events[^1]["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task An_absent_limit_is_sixteen_tokens()
    {
        await using var server = await HttpServer.StartAsync("abc", endless: true);
        var answer = await server.AskAsync(Path, new { prompt = "a", temperature = 0 });
        Assert.Equal((16, "length"), ((int)answer["usage"]!["completion_tokens"]!, (string?)answer["choices"]![0]!["finish_reason"]));
    }

    [Fact]
    public async Task Tokens_may_be_the_prompt()
    {
        await using var server = await HttpServer.StartAsync("abc");
        var answer = await server.AskAsync(Path, new { prompt = new[] { 256, 97 }, temperature = 0 });
        Assert.Equal(("bc", 2), ((string?)answer["choices"]![0]!["text"], (int)answer["usage"]!["prompt_tokens"]!));
    }

    [Fact]
    public async Task Echo_with_logprobs_tells_the_prompts_too_and_the_first_has_none()
    {
        await using var server = await HttpServer.StartAsync("abc");
        var answer = await server.AskAsync(Path, new { prompt = new[] { 97, 98 }, temperature = 0, echo = true, logprobs = 1 });

        var logprobs = answer["choices"]![0]!["logprobs"]!;
        Assert.Equal("abc", (string?)answer["choices"]![0]!["text"]);
        Assert.Equal(["a", "b", "c", ""], logprobs["tokens"]!.AsArray().Select(token => (string?)token));
        Assert.Equal([0, 1, 2, 3], logprobs["text_offset"]!.AsArray().Select(offset => (int)offset!));
        Assert.Null(logprobs["token_logprobs"]![0]);
        Assert.All(logprobs["token_logprobs"]!.AsArray().Skip(1), token => Assert.True((float)token! <= 0));
    }

    [Fact]
    public async Task A_start_token_that_the_text_does_not_hold_is_not_told_of_and_one_that_was_sent_is()
    {
        await using var server = await HttpServer.StartAsync("abc");
        async Task<string> TokensAsync(object prompt) =>
            (await server.AskAsync(Path, new { prompt, temperature = 0, max_tokens = 1, echo = true, logprobs = 0 }))["choices"]![0]!["logprobs"]!["tokens"]!.ToJsonString();

        Assert.Equal("""["a","b","c"]""", await TokensAsync("ab"));
        Assert.Equal("""["","a","b","c"]""", await TokensAsync(new[] { 256, 97, 98 }));
    }

    [Fact]
    public async Task Models_are_the_student_and_its_versions()
    {
        await using var server = await HttpServer.StartAsync("abc");
        var list = System.Text.Json.Nodes.JsonNode.Parse(await server.Client.GetStringAsync("/v1/models"))!;

        Assert.Equal(["student", "student@1"], list["data"]!.AsArray().Select(model => (string?)model!["id"]));
        Assert.Equal(
            "model", (string?)System.Text.Json.Nodes.JsonNode.Parse(await server.Client.GetStringAsync("/v1/models/student"))!["object"]);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync("/v1/models/gpt")).StatusCode);
    }
}
