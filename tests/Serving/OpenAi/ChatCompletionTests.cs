using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.OpenAi;

public class ChatCompletionTests
{
    private const string Path = "/v1/chat/completions";

    [Fact]
    public async Task A_whole_answer_has_a_message_a_reason_and_the_tokens_used()
    {
        await using var server = await HttpServer.StartAsync("é🦈漢xyz");

        var answer = await server.AskAsync(Path, new { model = "student", messages = Question(), temperature = 0 });

        Assert.Equal("chat.completion", (string?)answer["object"]);
        Assert.StartsWith("chatcmpl-", (string?)answer["id"]);
        Assert.Equal(("student", "version-1"), ((string?)answer["model"], (string?)answer["system_fingerprint"]));
        Assert.Equal(
            ("assistant", "é🦈漢xyz"),
            ((string?)answer["choices"]![0]!["message"]!["role"], (string?)answer["choices"]![0]!["message"]!["content"]));
        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
        var usage = answer["usage"]!;
        Assert.Equal((int)usage["prompt_tokens"]! + (int)usage["completion_tokens"]!, (int)usage["total_tokens"]!);
        Assert.Equal(13, (int)usage["completion_tokens"]!);
    }

    [Fact]
    public async Task A_stream_begins_with_the_role_and_ends_with_the_reason_and_the_tokens_used()
    {
        await using var server = await HttpServer.StartAsync("é🦈漢xyz");

        var events = await server.StreamAsync(
            Path, new { messages = Question(), stream = true, stream_options = new { include_usage = true }, temperature = 0 });

        Assert.All(events, one => Assert.Equal("chat.completion.chunk", (string?)one["object"]));
        Assert.Single(events.Select(one => (string?)one["id"]).Distinct());
        Assert.Equal("assistant", (string?)events[0]["choices"]![0]!["delta"]!["role"]);
        Assert.Equal("é🦈漢xyz", string.Concat(events.SkipLast(1).Select(one => (string?)one["choices"]![0]!["delta"]!["content"])));
        Assert.Equal("stop", (string?)events[^2]["choices"]![0]!["finish_reason"]);
        Assert.Empty(events[^1]["choices"]!.AsArray());
        Assert.Equal(13, (int)events[^1]["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Without_include_usage_no_chunk_tells_the_tokens_used()
    {
        await using var server = await HttpServer.StartAsync("ab");
        var events = await server.StreamAsync(Path, new { messages = Question(), stream = true });
        Assert.All(events, one => Assert.Null(one["usage"]));
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public async Task Both_names_of_the_longest_answer_cut_it(string name)
    {
        await using var server = await HttpServer.StartAsync("abcdef");
        var answer = await server.AskAsync(
            Path, new Dictionary<string, object> { ["messages"] = Question(), ["temperature"] = 0, [name] = 3 });
        Assert.Equal(
            ("abc", "length"), ((string?)answer["choices"]![0]!["message"]!["content"], (string?)answer["choices"]![0]!["finish_reason"]));
    }

    [Fact]
    public async Task Stop_may_be_a_text_or_a_list()
    {
        await using var server = await HttpServer.StartAsync("abcdef");
        var one = await server.AskAsync(Path, new { messages = Question(), temperature = 0, stop = "de" });
        var list = await server.AskAsync(Path, new { messages = Question(), temperature = 0, stop = new[] { "zz", "cd" } });

        Assert.Equal(("abc", "stop"), ((string?)one["choices"]![0]!["message"]!["content"], (string?)one["choices"]![0]!["finish_reason"]));
        Assert.Equal("ab", (string?)list["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Logprobs_name_each_token_its_bytes_and_the_likeliest()
    {
        await using var server = await HttpServer.StartAsync("é!");
        var answer = await server.AskAsync(Path, new { messages = Question(), temperature = 0, logprobs = true, top_logprobs = 2 });

        var content = answer["choices"]![0]!["logprobs"]!["content"]!.AsArray();
        Assert.Equal([0xC3, 0xA9, '!'], content.Select(token => (int)token!["bytes"]![0]!));
        Assert.Equal("!", (string?)content[2]!["token"]);
        Assert.All(content, token => Assert.True((float)token!["logprob"]! <= 0));
        Assert.All(content, token => Assert.Equal(2, token!["top_logprobs"]!.AsArray().Count));
    }

    [Fact]
    public async Task Bias_and_seed_reach_the_engine()
    {
        await using var server = await HttpServer.StartAsync("abc");
        var biased = await server.AskAsync(
            Path,
            new { messages = Question(), temperature = 0, max_tokens = 1, logit_bias = new Dictionary<string, int> { ["122"] = 100 } });
        Assert.Equal("z", (string?)biased["choices"]![0]!["message"]!["content"]);

        await using var random = await HttpServer.StartEmptyAsync();
        random.Grpc.Checkpoints.PublishRandom(1, seed: 5);
        await random.Grpc.ServesAsync(1);
        async Task<string?> Draw(int seed) =>
            (string?)(await random.AskAsync(Path, new { messages = Question(), seed, max_tokens = 20 }))["choices"]![0]!["message"]!["content"];
        Assert.Equal(await Draw(1), await Draw(1));
        Assert.NotEqual(await Draw(1), await Draw(2));
    }

    [Fact]
    public async Task Several_turns_are_put_as_the_template_has_them()
    {
        await using var server = await HttpServer.StartAsync("ok");
        var answer = await server.AskAsync(Path, new
        {
            messages = new object[]
            {
                new { role = "system", content = "s" }, new { role = "user", content = new[] { new { type = "text", text = "q" } } },
                new { role = "assistant", content = "a" }, new { role = "user", content = "u" },
            },
        });

        // <|system|> s <|user|> q <|assistant|> a </s> <|user|> u <|assistant|>
        Assert.Equal(10, (int)answer["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task A_caller_who_leaves_frees_its_place()
    {
        await using var server = await HttpServer.StartAsync("abc", endless: true, context: 4096);
        using var leave = new CancellationTokenSource();
        var response = await server.SendAsync(Path, new { messages = Question(), stream = true, temperature = 0 }, leave.Token);
        await Patience.UntilAsync(() => server.Grpc.Student.Engine.Load.Running == 1);

        response.Dispose();

        await Patience.UntilAsync(() => server.Grpc.Student.Engine.Load is { Running: 0, Waiting: 0 });
    }

    private static object[] Question() => [new { role = "user", content = "Why?" }];
}
