using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers;

public sealed class OpenAiTeacherTests
{
    private static readonly TeacherRequest Request = Questions.Request("What is three and four?", systemMessage: "You explain.");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reply_becomes_a_trace_with_its_finish_tokens_and_price()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("It is 7 ✓", promptTokens: 1000, completionTokens: 500));
        var teacher = new OpenAiTeacher(Options(server) with { PromptPricePer1K = 0.03m, CompletionPricePer1K = 0.06m });

        var trace = await teacher.AskAsync(Request, Cancelled);

        Assert.Equal(
            ("It is 7 ✓", TeacherFinish.Stop, "m", 1000, 500),
            (trace.Response, trace.Finish, trace.Teacher, trace.PromptTokens, trace.CompletionTokens));
        Assert.Equal(0.06m, trace.Cost);
        Assert.True(trace.Latency > TimeSpan.Zero);
        Assert.Same(Request, trace.Request);
    }

    [Fact]
    public async Task What_is_sent_is_model_messages_sampling_and_the_token_limit()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x"));
        await new OpenAiTeacher(Options(server) with { Temperature = 0.25, TopP = 0.5, MaxTokens = 77 }).AskAsync(Request, Cancelled);
        await new OpenAiTeacher(Options(server) with { MaxTokensField = "max_completion_tokens" }).AskAsync(
            Request with { SystemMessage = "" }, Cancelled);

        var (head, body) = server.Requests[0];
        Assert.StartsWith("POST /v1/chat/completions ", head);
        Assert.Equal(
            ("m", 0.25, 0.5, 77), ((string)body["model"]!, (double)body["temperature"]!, (double)body["top_p"]!, (int)body["max_tokens"]!));
        Assert.Equal(
            ["system: You explain.", "user: What is three and four?"],
            body["messages"]!.AsArray().Select(message => $"{message!["role"]}: {message["content"]}"));
        var second = server.Requests[1].Body;
        Assert.Equal(
            ("user", 1024), ((string)Assert.Single(second["messages"]!.AsArray())!["role"]!, (int)second["max_completion_tokens"]!));
        Assert.Null(second["max_tokens"]);
    }

    [Fact]
    public async Task The_key_comes_from_the_environment_variable_that_the_settings_name()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x"));
        Environment.SetEnvironmentVariable("ORCA_TEST_TEACHER_KEY", "secret-1");
        await new OpenAiTeacher(Options(server) with { KeyVariable = "ORCA_TEST_TEACHER_KEY" }).AskAsync(Request, Cancelled);

        Assert.Contains("Authorization: Bearer secret-1", server.Requests[0].Head);
        var missing = Assert.Throws<TeacherException>(() => new OpenAiTeacher(Options(server) with { KeyVariable = "ORCA_TEST_NO_SUCH_KEY" }));
        Assert.Contains("ORCA_TEST_NO_SUCH_KEY", missing.Message);
        Assert.Equal(TeacherFault.Settings, missing.Fault);
    }

    [Theory]
    [InlineData("stop", TeacherFinish.Stop)]
    [InlineData("length", TeacherFinish.Length)]
    [InlineData("content_filter", TeacherFinish.Filtered)]
    [InlineData(null, TeacherFinish.Stop)]
    [InlineData("eos_token", TeacherFinish.Stop)]
    [InlineData("tool_calls", TeacherFinish.Unknown)]
    [InlineData("whatever", TeacherFinish.Unknown)]
    public async Task The_finish_reason_is_kept_and_a_whole_reply_without_one_has_ended(string? reason, TeacherFinish finish)
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x", reason));

        Assert.Equal(finish, (await new OpenAiTeacher(Options(server)).AskAsync(Request, Cancelled)).Finish);
    }

    [Fact]
    public async Task A_rate_limit_is_waited_out_as_long_as_the_server_asks()
    {
        await using var server = new ChatServer(number => number switch
        {
            1 => ChatServer.Http(429, "{}", "Retry-After: 1\r\n"),
            2 => ChatServer.Http(429, "{}", "Retry-After-Ms: 300\r\n"),
            3 => ChatServer.Http(429, "{}", "Retry-After: 0\r\n"),
            _ => ChatServer.Reply("at last"),
        });
        var watch = Stopwatch.StartNew();
        var teacher = new OpenAiTeacher(Options(server) with { MaxRetryDelay = TimeSpan.FromSeconds(1) });

        var trace = await teacher.AskAsync(Request, Cancelled);

        Assert.Equal(("at last", 4), (trace.Response, server.Requests.Count));
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.2, 20);
    }

    [Fact]
    public async Task A_pause_longer_than_is_waited_within_a_call_goes_to_whoever_asked()
    {
        await using var server = new ChatServer(_ => ChatServer.Http(
            429, "{}", "Date: Sun, 29 Nov 2026 10:00:00 GMT\r\nRetry-After: Sun, 29 Nov 2026 11:00:00 GMT\r\n"));

        var failure = await Assert.ThrowsAsync<TeacherException>(() => new OpenAiTeacher(Options(server)).AskAsync(Request, Cancelled));

        Assert.Equal((TimeSpan.FromHours(1), 1, true), (failure.RetryAfter, server.Requests.Count, failure.IsReached));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task Server_errors_are_tried_again(int status)
    {
        await using var server = new ChatServer(number => number < 3 ? ChatServer.Http(status, "{\"error\":\"busy\"}") : ChatServer.Reply("x"));

        Assert.Equal("x", (await new OpenAiTeacher(Options(server)).AskAsync(Request, Cancelled)).Response);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task After_the_last_attempt_one_sentence_names_the_address_and_the_remedy()
    {
        await using var server = new ChatServer(_ => ChatServer.Http(500, "{\"error\":  \"it is broken\"}"));

        var failure = await Assert.ThrowsAsync<TeacherException>(() => new OpenAiTeacher(Options(server) with { Retries = 2 }).AskAsync(Request, Cancelled));

        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(TeacherFault.Temporary, failure.Fault);
        Assert.Equal(
            $"The teacher at {server.BaseUrl} answered with status 500 (it is broken), in 3 attempts; check that it "
                + "runs and is reachable.",
            failure.Message);
    }

    [Theory]
    [InlineData(401, TeacherFault.Settings)]
    [InlineData(402, TeacherFault.Settings)]
    [InlineData(403, TeacherFault.Unclear)]
    [InlineData(404, TeacherFault.Settings)]
    [InlineData(307, TeacherFault.Settings)]
    [InlineData(407, TeacherFault.Settings)]
    [InlineData(400, TeacherFault.Unclear)]
    [InlineData(413, TeacherFault.Request)]
    [InlineData(422, TeacherFault.Unclear)]
    public async Task What_no_retry_can_help_is_not_tried_again(int status, TeacherFault fault)
    {
        await using var server = new ChatServer(_ => ChatServer.Http(status, "{}"));

        var failure = await Assert.ThrowsAsync<TeacherException>(() => new OpenAiTeacher(Options(server)).AskAsync(Request, Cancelled));

        Assert.Equal((fault, 1), (failure.Fault, server.Requests.Count));
        Assert.Contains($"{status}", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"choices\":[{\"mess")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"choices\":[]}")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")]
    public async Task Bodies_that_are_cut_empty_or_no_completion_are_tried_again(string broken)
    {
        await using var server = new ChatServer(number => number == 1 ? broken : ChatServer.Reply("whole"));

        Assert.Equal("whole", (await new OpenAiTeacher(Options(server)).AskAsync(Request, Cancelled)).Response);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_tried_again_after_the_time_out()
    {
        await using var server = new ChatServer(number => number == 1 ? null! : ChatServer.Reply("x"));
        var teacher = new OpenAiTeacher(Options(server) with { Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal("x", (await teacher.AskAsync(Request, Cancelled)).Response);

        await using var silent = new ChatServer(_ => null!);
        var failure = await Assert.ThrowsAsync<TeacherException>(
            () => new OpenAiTeacher(Options(silent) with { Timeout = TimeSpan.FromMilliseconds(100), Retries = 1 }).AskAsync(Request, Cancelled));
        Assert.Contains("no answer within 0.1 s", failure.Message);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again_and_then_named()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var options = new OpenAiTeacherOptions
        {
            BaseUrl = new Uri($"http://127.0.0.1:{port}/v1"),
            Model = "m",
            Retries = 1,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };

        var failure = await Assert.ThrowsAsync<TeacherException>(() => new OpenAiTeacher(options).AskAsync(Request, Cancelled));

        Assert.Contains($"http://127.0.0.1:{port}/v1 cannot be reached", failure.Message);
        Assert.Equal(TeacherFault.Temporary, failure.Fault);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_no_time_out()
    {
        await using var server = new ChatServer(_ => null!);
        using var cancelled = new CancellationTokenSource();
        var asking = new OpenAiTeacher(Options(server)).AskAsync(Request, cancelled.Token);
        await Patience.Until(() => server.Requests.Count == 1);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_with_their_name()
    {
        var good = new OpenAiTeacherOptions { Model = "m" };
        (OpenAiTeacherOptions Options, string Name)[] wrong =
        [
            (good with { BaseUrl = new Uri("v1", UriKind.Relative) }, "BaseUrl"),
            (good with { BaseUrl = new Uri("ftp://x") }, "BaseUrl"),
            (good with { Model = "" }, "Model"),
            (good with { Temperature = double.NaN }, "Temperature"),
            (good with { TopP = 0 }, "TopP"),
            (good with { MaxTokens = 0 }, "MaxTokens"),
            (good with { Retries = -1 }, "Retries"),
            (good with { Timeout = TimeSpan.Zero }, "Timeout"),
            (good with { MaxRetryDelay = TimeSpan.Zero }, "RetryDelay"),
            (good with { PromptPricePer1K = -1 }, "price"),
        ];
        Assert.All(
            wrong,
            setting => Assert.Contains(setting.Name, Assert.Throws<TeacherException>(() => new OpenAiTeacher(setting.Options)).Message));
    }

    [Fact]
    public async Task What_is_left_out_is_not_sent_and_a_query_stays_behind_the_path()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x"));
        var options = Options(server) with
        {
            LeftOut = ["temperature", "top_p"],
            BaseUrl = new Uri(server.BaseUrl + "?api-version=2024-10-21"),
        };

        await new OpenAiTeacher(options).AskAsync(Request, Cancelled);

        Assert.StartsWith("POST /v1/chat/completions?api-version=2024-10-21 ", server.Requests[0].Head);
        Assert.Equal(["max_tokens", "messages", "model"], server.Requests[0].Body.AsObject().Select(pair => pair.Key).Order());
    }

    [Fact]
    public void A_key_with_a_character_that_no_key_has_is_refused_in_a_sentence()
    {
        Environment.SetEnvironmentVariable("ORCA_TEST_ODD_KEY", "sk-\u00e9");
        var odd = Assert.Throws<TeacherException>(() => new OpenAiTeacher(new OpenAiTeacherOptions { Model = "m", KeyVariable = "ORCA_TEST_ODD_KEY" }));
        Assert.Equal(
            (TeacherFault.Settings, "The key in ORCA_TEST_ODD_KEY holds a character that no key has; copy it again."),
            (odd.Fault, odd.Message));
    }

    private static OpenAiTeacherOptions Options(ChatServer server) => new()
    {
        BaseUrl = server.BaseUrl,
        Model = "m",
        Retries = 4,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(5),
        Timeout = TimeSpan.FromSeconds(20),
    };
}
