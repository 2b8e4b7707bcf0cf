using System.Net;
using System.Text.Json.Nodes;
using Orca.Model.Network;
using Orca.Serving.Engine;
using Orca.Serving.OpenAi;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.OpenAi;

/// <summary>Calls that hold several prompts.</summary>
public class SeveralPromptsTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Choices_are_numbered_prompt_by_prompt_and_the_usage_is_that_of_single_calls_together()
    {
        await using var server = await HttpServer.StartAsync("abcdef");
        object Ask(object prompt) => new { prompt, n = 2, temperature = 0 };
        var one = await server.AskAsync(Path, Ask("ab"));
        var other = await server.AskAsync(Path, Ask("d"));
        var both = await server.AskAsync(Path, Ask(new[] { "ab", "d" }));

        Assert.Equal(
            [(0, "cdef"), (1, "cdef"), (2, "ef"), (3, "ef")],
            Choices(both).Select(choice => ((int)choice["index"]!, (string?)choice["text"])));
        Assert.All(Choices(both), choice => Assert.Equal("stop", (string?)choice["finish_reason"]));
        foreach (var field in new[] { "prompt_tokens", "completion_tokens", "total_tokens" })
        {
            Assert.Equal((int)one["usage"]![field]! + (int)other["usage"]![field]!, (int)both["usage"]![field]!);
        }
    }

    [Fact]
    public async Task Prompts_may_be_lists_of_tokens_and_one_of_them_alone_too()
    {
        await using var server = await HttpServer.StartAsync("abcdef");
        var two = await server.AskAsync(Path, new { prompt = new int[][] { [256, 97], [99] }, temperature = 0, max_tokens = 2 });
        var one = await server.AskAsync(Path, new { prompt = new int[][] { [100] }, temperature = 0, max_tokens = 2 });

        Assert.Equal(["bc", "de"], Choices(two).Select(choice => (string?)choice["text"]));
        Assert.Equal(3, (int)two["usage"]!["prompt_tokens"]!);
        Assert.Equal(["ef"], Choices(one).Select(choice => (string?)choice["text"]));
    }

    [Fact]
    public async Task A_stream_tells_of_each_choice_by_its_number_and_of_all_tokens_at_the_end()
    {
        await using var server = await HttpServer.StartAsync("abcdef");
        var ask = new { prompt = new[] { "a", "c", "e" }, n = 2, temperature = 0, stream = true, stream_options = new { include_usage = true } };
        var events = await server.StreamAsync(Path, ask);
        var whole = await server.AskAsync(Path, new { ask.prompt, ask.n, ask.temperature });

        var chunks = events.SkipLast(1).Select(one => Choices(one).Single()).ToLookup(choice => (int)choice["index"]!);
        Assert.Equal(Enumerable.Range(0, 6), chunks.Select(choice => choice.Key).Order());
        foreach (var choice in Choices(whole))
        {
            var told = chunks[(int)choice["index"]!].ToList();
            Assert.Equal((string?)choice["text"], string.Concat(told.Select(chunk => (string?)chunk["text"])));
            Assert.Equal("stop", (string?)told.Single(chunk => chunk["finish_reason"] is not null)["finish_reason"]);
            Assert.NotNull(told[^1]["finish_reason"]);
        }

        Assert.Single(events.Select(one => (string?)one["id"]).Distinct());
        Assert.Equal((int)whole["usage"]!["total_tokens"]!, (int)events[^1]["usage"]!["total_tokens"]!);
        Assert.Empty(Choices(events[^1]));
    }

    // What lm-eval's local-completions sends and how it reads the answer: by counting tokens from the front and the back.
    [Fact]
    public async Task A_harness_that_counts_tokens_finds_the_likelihood_of_every_continuation()
    {
        await using var server = await HttpServer.StartEmptyAsync();
        server.Grpc.Checkpoints.PublishRandom(1, seed: 5);
        await server.Grpc.ServesAsync(1);
        (int[] Context, int[] Continuation)[] asked = [([256], [104, 105]), ([257, 258, 97, 98], [99]), ([32], [33, 257, 34])];
        var answer = await server.AskAsync(Path, new
        {
            model = "student",
            prompt = asked.Select(one => one.Context.Concat(one.Continuation)),
            temperature = 0,
            max_tokens = 1,
            logprobs = 1,
            seed = 1234,
            echo = true,
        });

        var choices = Choices(answer).OrderBy(choice => (int)choice["index"]!).ToList();
        foreach (var ((context, continuation), choice) in asked.Zip(choices))
        {
            var told = choice["logprobs"]!["token_logprobs"]!.AsArray().Select(logprob => (double?)logprob).ToArray();
            Assert.Equal(context.Length + continuation.Length + 1, told.Length);
            Assert.Equal(told.Length, choice["logprobs"]!["top_logprobs"]!.AsArray().Count);
            var scores = await server.Grpc.Student.Engine.ScoreAsync(new ScoreRequest
            {
                Prompt = new PromptInput.Tokens([.. context]),
                Target = new ScoreTarget.Tokens([.. continuation]),
            });
            Assert.Equal(scores.Single().TotalLogprob, told[context.Length..^1].Sum()!.Value, 1e-4);
            Assert.Null(told[0]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_prompt_that_cannot_be_answered_fails_the_call_before_anything_runs(bool stream)
    {
        await using var server = await HttpServer.StartAsync("abc", context: 64);
        var (long_, error) = await server.RefusedAsync(Path, new { prompt = new[] { "a", new string('b', 64), "c" }, stream });
        var (foreign, unknown) = await server.RefusedAsync(Path, new { prompt = new int[][] { [97], [98, 9_999] }, stream });
        var (empty, none) = await server.RefusedAsync(Path, new { prompt = new int[][] { [], [98] }, stream });

        Assert.All([long_, foreign, empty], response => Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode));
        Assert.Equal(("prompt[1]", "prompt[1]", "prompt[0]"), ((string?)error["param"], (string?)unknown["param"], (string?)none["param"]));
        Assert.StartsWith("prompt[1] has 65 tokens", (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal(0, server.Grpc.Student.Engine.Load.Steps);
    }

    [Theory]
    [InlineData("""{"prompt":["a",7]}""", "prompt[1]")]
    [InlineData("""{"prompt":[["a"]]}""", "prompt[0]")]
    [InlineData("""{"prompt":{}}""", "prompt")]
    [InlineData("""{"prompt":[]}""", "prompt")]
    [InlineData("""{"prompt":["a","b"],"n":0}""", "n")]
    [InlineData("""{"prompt":["a","b"],"temperature":-1}""", "temperature")]
    public async Task What_is_no_prompt_is_named(string body, string field)
    {
        await using var server = await HttpServer.StartAsync("abc");
        var (response, error) = await server.RefusedAsync(Path, JsonNode.Parse(body)!);
        Assert.Equal((HttpStatusCode.BadRequest, field), (response.StatusCode, (string?)error["param"]));
    }

    [Fact]
    public async Task More_prompts_than_a_call_may_hold_are_refused()
    {
        await using var server = await HttpServer.StartAsync("abc");
        var (_, error) = await server.RefusedAsync(Path, new { prompt = Enumerable.Repeat("a", CompletionPrompts.Most + 1) });
        Assert.Equal("prompt holds 2049 prompts; at most 2048 are answered in one call", (string?)error["message"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_of_more_prompts_than_may_wait_is_answered_whole(bool stream)
    {
        await using var server = await HttpServer.StartAsync(
            "abc", options: new EngineOptions { MaxConcurrentRequests = 2, MaxQueuedRequests = 1 });
        var prompt = Enumerable.Repeat("a", 40);
        var texts = stream
            ? (await server.StreamAsync(Path, new { prompt, temperature = 0, stream })).SelectMany(Choices).GroupBy(
                choice => (int)choice["index"]!, (_, chunks) => string.Concat(chunks.Select(chunk => (string?)chunk["text"])))
            : Choices(await server.AskAsync(Path, new { prompt, temperature = 0 })).Select(choice => (string)choice["text"]!);
        Assert.Equal(Enumerable.Repeat("bc", 40), texts);
    }

    [Fact]
    public async Task A_caller_who_leaves_frees_the_places_of_all_its_prompts()
    {
        await using var server = await HttpServer.StartAsync("abc", endless: true, context: 4096);
        var response = await server.SendAsync(
            Path, new { prompt = Enumerable.Repeat("a", 8), stream = true, temperature = 0, max_tokens = 4_000 });
        await Patience.UntilAsync(() => server.Grpc.Student.Engine.Load.Running == 8);
        response.Dispose();
        await Patience.UntilAsync(() => server.Grpc.Student.Engine.Load is { Running: 0, Waiting: 0 });
    }

    [Fact]
    public async Task A_prompt_that_fails_on_the_way_ends_the_call_and_the_other_prompts()
    {
        await using var server = await HttpServer.StartEmptyAsync();
        var (config, weights) = ToyStudent.Spelling("abc", endless: true, context: 4_096);
        using (torch.NewDisposeScope())
        {
            weights[LlamaParameters.HeadName].narrow(1, 'Z', 1).fill_(3e38f);
        }

        server.Grpc.Checkpoints.Publish(1, config, weights);
        await server.Grpc.ServesAsync(1);
        var (whole, error) = await server.RefusedAsync(Path, new { prompt = new[] { "a", "Z" }, temperature = 0, max_tokens = 4_000 });
        using var streamed = await server.SendAsync(
            Path, new { prompt = new[] { "a", "Z" }, temperature = 0, max_tokens = 4_000, stream = true });
        var text = await streamed.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.InternalServerError, "server_error"), (whole.StatusCode, (string?)error["type"]));
        Assert.EndsWith("}", text.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("logits that are not finite", text, StringComparison.Ordinal);
        await Patience.UntilAsync(() => server.Grpc.Student.Engine.Load is { Running: 0, Waiting: 0 });
    }

    private static IEnumerable<JsonNode> Choices(JsonNode answer) => answer["choices"]!.AsArray().Select(choice => choice!);
}
