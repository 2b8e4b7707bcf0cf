using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.AI;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Endpoints;

/// <summary>What is sent to an endpoint, and what becomes of what comes back.</summary>
public sealed class ChatCompletionsClientTests
{
    private static readonly TeacherRequest Request = Questions.Request("What is three and four?", systemMessage: "You explain.");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reply_becomes_an_answer_with_its_finish_and_tokens()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("It is 7 ✓", promptTokens: 1000, completionTokens: 500));

        var attempt = await AskAsync(Support.Endpoints.Options(server));

        Assert.Equal(
            (AttemptKind.Answered, "It is 7 ✓", TeacherFinish.Stop, 1000, 500),
            (attempt.Kind, attempt.Text, attempt.Finish, attempt.PromptTokens, attempt.CompletionTokens));
        Assert.True(attempt.Latency > TimeSpan.Zero);
    }

    [Fact]
    public async Task To_others_it_is_a_chat_client_that_keeps_what_came_back()
    {
        await using var server = new ChatServer(number => number == 1
            ? ChatServer.Reply("It is 7", promptTokens: 3, completionTokens: 5)
            : ChatServer.Http(429, "{\"error\":{\"message\":\"slow down\"}}", "Retry-After: 7\r\nx-ratelimit-limit-requests: 60\r\n"));
        using var client = new ChatCompletionsClient(Support.Endpoints.Options(server));

        var response = await client.GetResponseAsync("What is it?", cancellationToken: Cancelled);
        Assert.Equal(("It is 7", 3, 5), (response.Text, response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));

        var failure = await Assert.ThrowsAsync<ChatCallException>(() => client.GetResponseAsync("Again?", cancellationToken: Cancelled));
        Assert.Equal(
            (429, AttemptKind.Throttled, TimeSpan.FromSeconds(7)), (failure.Status, failure.Attempt.Kind, failure.Attempt.RetryAfter));
        Assert.Contains("slow down", failure.Body);
        Assert.Equal(60, failure.Attempt.Limits.Requests!.Limit);
    }

    [Fact]
    public async Task What_is_sent_is_model_messages_sampling_and_the_token_limit()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x"));
        var options = Support.Endpoints.Options(server);
        await AskAsync(options with { Temperature = 0.7, TopP = 0.5, MaxTokens = 77 });
        await AskAsync(options with { MaxTokensField = "max_completion_tokens" }, Request with { SystemMessage = "" });

        var (head, body) = server.Requests[0];
        Assert.StartsWith("POST /v1/chat/completions ", head);
        Assert.Equal(
            ("m", 0.7, 0.5, 77), ((string)body["model"]!, (double)body["temperature"]!, (double)body["top_p"]!, (int)body["max_tokens"]!));
        Assert.Equal(
            ["system: You explain.", "user: What is three and four?"],
            body["messages"]!.AsArray().Select(message => $"{message!["role"]}: {message["content"]}"));
        var second = server.Requests[1].Body;
        Assert.Equal(
            ("user", 1024), ((string)Assert.Single(second["messages"]!.AsArray())!["role"]!, (int)second["max_completion_tokens"]!));
        Assert.Null(second["max_tokens"]);
    }

    [Fact]
    public async Task What_is_left_out_is_not_sent_what_is_added_is_and_a_query_stays_behind_the_path()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x"));
        await AskAsync(Support.Endpoints.Options(new Uri(server.BaseUrl + "?api-version=2024-10-21")) with
        {
            LeaveOut = ["temperature", "top_p"],
            Add = ImmutableSortedDictionary<string, string>.Empty.Add("reasoning_effort", "\"low\"").Add("seed", "7"),
            Headers = ImmutableSortedDictionary<string, string>.Empty.Add("X-Team", "orca"),
        });

        Assert.StartsWith("POST /v1/chat/completions?api-version=2024-10-21 ", server.Requests[0].Head);
        Assert.Contains("X-Team: orca", server.Requests[0].Head);
        var body = server.Requests[0].Body;
        Assert.Equal(["max_tokens", "messages", "model", "reasoning_effort", "seed"], body.AsObject().Select(pair => pair.Key).Order());
        Assert.Equal(("low", 7), ((string)body["reasoning_effort"]!, (int)body["seed"]!));
    }

    [Fact]
    public async Task The_key_comes_from_the_environment_variable_that_the_settings_name()
    {
        await using var server = new ChatServer(_ => ChatServer.Reply("x"));
        Environment.SetEnvironmentVariable("ORCA_TEST_TEACHER_KEY", "secret-1");
        var options = Support.Endpoints.Options(server) with { KeyVariable = "ORCA_TEST_TEACHER_KEY" };
        await AskAsync(options);
        await AskAsync(options with { Kind = EndpointKind.Azure });

        Assert.Contains("Authorization: Bearer secret-1", server.Requests[0].Head);
        Assert.Contains("api-key: secret-1", server.Requests[1].Head);
        Assert.DoesNotContain("Authorization", server.Requests[1].Head);
        var missing = Assert.Throws<TeacherException>(() => TeacherEndpoint.Open(options with { KeyVariable = "ORCA_TEST_NO_SUCH_KEY" }));
        Assert.Contains("ORCA_TEST_NO_SUCH_KEY", missing.Message);
        Assert.Equal(TeacherFault.Settings, missing.Fault);
    }

    [Fact]
    public void A_key_with_a_character_that_no_key_has_is_refused_in_a_sentence()
    {
        Environment.SetEnvironmentVariable("ORCA_TEST_ODD_KEY", "sk-\u00e9");
        var options = Support.Endpoints.Options(new Uri("http://127.0.0.1:1/v1")) with { KeyVariable = "ORCA_TEST_ODD_KEY" };
        var odd = Assert.Throws<TeacherException>(() => TeacherEndpoint.Open(options));
        Assert.Equal(
            (TeacherFault.Settings, "The key in ORCA_TEST_ODD_KEY holds a character that no key has; copy it again."),
            (odd.Fault, odd.Message));
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

        Assert.Equal(finish, (await AskAsync(Support.Endpoints.Options(server))).Finish);
    }

    [Theory]
    [InlineData("Retry-After: 1\r\n", 1.0)]
    [InlineData("Retry-After-Ms: 300\r\nRetry-After: 9\r\n", 0.3)]
    [InlineData("Date: Sun, 29 Nov 2026 10:00:00 GMT\r\nRetry-After: Sun, 29 Nov 2026 11:00:00 GMT\r\n", 3600.0)]
    [InlineData("Retry-After: soon\r\n", null)]
    [InlineData("Retry-After: 12\r\nRetry-After: 12\r\n", 12.0)]
    [InlineData("Retry-After: 12, 30\r\n", 12.0)]
    [InlineData("Retry-After: 12/31\r\n", null)]
    [InlineData("Date: Sun, 29 Nov 2026 10:00:00 GMT\r\nRetry-After: Wed, 21 Oct 2099 07:28:00 GMT\r\n", null)]
    [InlineData("Retry-After: 1e300\r\n", null)]
    public async Task The_pause_that_an_endpoint_asks_for_is_read(string headers, double? seconds)
    {
        await using var server = new ChatServer(_ => ChatServer.Http(429, "{}", headers));

        Assert.Equal(seconds, (await AskAsync(Support.Endpoints.Options(server))).RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData("x-ratelimit-limit-requests: 60, 60\r\nx-ratelimit-remaining-requests: 3\r\nx-ratelimit-remaining-requests: 3\r\nx-ratelimit-reset-requests: 12\r\nx-ratelimit-reset-requests: 12\r\n", 60.0, 3, 12)]
    [InlineData("x-ratelimit-limit-requests: 60\r\nx-ratelimit-remaining-requests: 59\r\nx-ratelimit-reset-requests: 1m0.5s\r\n", 60.0, 59, 60.5)]
    [InlineData("x-ratelimit-limit-requests: 60\r\nx-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 120ms\r\n", 60.0, 0, 0.12)]
    [InlineData("RateLimit-Limit: 10\r\nRateLimit-Remaining: 3\r\nRateLimit-Reset: 30\r\n", null, 3, 30)]
    [InlineData("Date: Sun, 29 Nov 2026 10:00:00 GMT\r\nanthropic-ratelimit-requests-limit: 5\r\nanthropic-ratelimit-requests-remaining: 0\r\nanthropic-ratelimit-requests-reset: 2026-11-29T10:00:12Z\r\n", 5.0, 0, 12)]
    public async Task What_headers_say_of_quotas_is_read(string headers, double? limit, double remaining, double reset)
    {
        await using var server = new ChatServer(_ => ChatServer.Http(429, "{}", headers));

        Assert.Equal(
            new RateLimit(limit, remaining, TimeSpan.FromSeconds(reset)),
            (await AskAsync(Support.Endpoints.Options(server))).Limits.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"choices\":[{\"mess")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_reply_that_is_cut_empty_or_no_completion_may_have_been_charged_for(string broken)
    {
        await using var server = new ChatServer(_ => broken);
        var attempt = await AskAsync(Support.Endpoints.Options(server));

        Assert.Equal((TeacherFault.Temporary, true), (attempt.Fault, attempt.IsLost));
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_its_time_may_have_been_charged_for()
    {
        await using var silent = new ChatServer(_ => null!);
        var attempt = await AskAsync(Support.Endpoints.Options(silent) with { Timeout = TimeSpan.FromMilliseconds(100) });

        Assert.Equal((AttemptKind.TimedOut, "gave no answer within 0.1 s", true), (attempt.Kind, attempt.Message, attempt.IsLost));
    }

    [Fact]
    public async Task A_refused_connection_costs_nothing()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var attempt = await AskAsync(Support.Endpoints.Options(new Uri($"http://127.0.0.1:{port}/v1")));

        Assert.Equal((AttemptKind.Broken, false, false), (attempt.Kind, attempt.IsReached, attempt.IsLost));
        Assert.StartsWith("cannot be reached", attempt.Message);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_no_time_out()
    {
        await using var server = new ChatServer(_ => null!);
        using var cancelled = new CancellationTokenSource();
        using var endpoint = TeacherEndpoint.Open(Support.Endpoints.Options(server));
        var asking = endpoint.AskAsync(Request, cancelled.Token);
        await Patience.Until(() => server.Requests.Count == 1);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_with_their_name()
    {
        var good = new EndpointOptions { Name = "m", Model = "m" };
        (EndpointOptions Options, string Name)[] wrong =
        [
            (good with { Url = new Uri("v1", UriKind.Relative) }, "url"),
            (good with { Url = new Uri("ftp://x") }, "url"),
            (good with { Model = "" }, "model"),
            (good with { Temperature = double.NaN }, "temperature"),
            (good with { TopP = 0 }, "topP"),
            (good with { MaxTokens = 0 }, "maxTokens"),
            (good with { Concurrency = 0 }, "concurrency"),
            (good with { RequestsPerMinute = 0 }, "requestsPerMinute"),
            (good with { TokensPerMinute = double.NaN }, "tokensPerMinute"),
            (good with { Timeout = TimeSpan.Zero }, "timeout"),
            (good with { PriceIn = -1 }, "price"),
        ];
        Assert.All(
            wrong,
            setting => Assert.Contains(setting.Name, Assert.Throws<TeacherException>(() => TeacherEndpoint.Open(setting.Options)).Message));
    }

    private static async Task<Attempt> AskAsync(EndpointOptions options, TeacherRequest? request = null)
    {
        using var endpoint = TeacherEndpoint.Open(options);
        return await endpoint.AskAsync(request ?? Request, Cancelled);
    }
}
