using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Endpoints;

/// <summary>A chat client that nobody here wrote teaches like our own: OpenAI's, which must not ask again by itself.</summary>
public sealed class ForeignChatClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_answer_its_tokens_and_its_finish_are_read()
    {
        await using var server = new ChatServer(number => ChatServer.Reply(
            "<think>\nhm\n</think>\n\nSeven.", number == 1 ? "stop" : "length", promptTokens: 11, completionTokens: 22));
        using var scheduler = SchedulerOf(server);

        var answer = await scheduler.AskAsync(Questions.Request("q"), ["m"], Cancelled);
        var cut = await scheduler.AskAsync(Questions.Request("r"), ["m"], Cancelled);

        Assert.Equal(("Seven.", "hm", 11, 22), (answer.Response, answer.Reasoning.Trim(), answer.PromptTokens, answer.CompletionTokens));
        Assert.Equal((TeacherFinish.Stop, TeacherFinish.Length), (answer.Finish, cut.Finish));
        Assert.Equal("m", (string)server.Requests[0].Body["model"]!);
        Assert.Equal(0.7, (double)server.Requests[0].Body["temperature"]!, 3);
    }

    [Theory]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}""", TeacherFault.Settings)]
    [InlineData(402, """{"error":{"message":"Insufficient Balance"}}""", TeacherFault.Settings)]
    [InlineData(400, """{"error":{"message":"maximum context length is 10 tokens","code":"context_length_exceeded"}}""", TeacherFault.Request)]
    public async Task Its_exceptions_tell_what_is_at_fault(int status, string body, TeacherFault fault)
    {
        await using var server = new ChatServer(_ => ChatServer.Http(status, body));
        using var scheduler = SchedulerOf(server);

        var failure = await Assert.ThrowsAsync<TeacherException>(() => scheduler.AskAsync(Questions.Request("q"), ["m"], Cancelled));

        Assert.Equal(fault, failure.Fault);
        Assert.Contains($"status {status}", failure.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_fails_in_passing_is_asked_again()
    {
        await using var server = new ChatServer(number => number switch
        {
            1 => ChatServer.Http(500, "{}"),
            2 => ChatServer.Http(429, """{"error":{"message":"slow down"}}"""),
            3 => "",
            _ => ChatServer.Reply("x"),
        });
        using var scheduler = SchedulerOf(server);

        Assert.Equal("x", (await scheduler.AskAsync(Questions.Request("q"), ["m"], Cancelled)).Response);
        Assert.Equal(4, server.Requests.Count);
    }

    private static RequestScheduler SchedulerOf(ChatServer server)
    {
        var client = new ChatClient(
            "m", new ApiKeyCredential("key"),
            new OpenAIClientOptions { Endpoint = server.BaseUrl, RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
        return new RequestScheduler(
            [new TeacherEndpoint(Support.Endpoints.Options(server), client.AsIChatClient())],
            new SchedulerOptions { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) });
    }
}
