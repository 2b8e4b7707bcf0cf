using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers.Scheduling;

/// <summary>
/// Replies made by chance, of odd statuses, headers and bodies, over HTTP into a store: 1,000, or as many as <c>ORCA_REPLIES</c> says.
/// </summary>
public sealed class GeneratedRepliesTests : IDisposable
{
    private const int PerQuestion = 4;

    private static readonly int[] Statuses =
    [
        200, 200, 200, 200, 201, 204, 206, 301, 302, 304, 307, 400, 400, 401, 402, 403, 404, 405, 407, 408, 409, 413, 415, 418, 422, 423, 425,
        429, 429, 429, 451, 499, 500, 500, 500, 501, 502, 503, 503, 504, 520, 522, 524, 529, 599,
    ];

    private static readonly string[] Bodies =
    [
        "", "{}", "null", "[]", "\uFEFF{}", "not found", "<html><body><h1>502 Bad Gateway</h1></body></html>", "{\"choices\":[]}",
        "{\"choices\":null}", "{\"choices\":[null]}", "{\"choices\":[{}]}", "{\"choices\":[{\"message\":null}]}", "{\"choices\":{\"a\":1}}",
        "{\"choices\":[{\"message\":{\"content\":7}}]}", "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"image\"}]}}]}",
        "{\"error\":null}", "{\"error\":\"overloaded\"}", "{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}",
        "{\"error\":{\"message\":\"No\",\"code\":\"invalid_api_key\"}}", "{\"error\":{\"message\":\"No\",\"code\":\"insufficient_quota\"}}",
        "{\"error\":{\"message\":\"maximum context length is 10\",\"code\":\"context_length_exceeded\"}}", "{\"detail\":\"Not Found\"}",
        "{\"message\":\"upstream connect error\"}", "data: [DONE]\n\n", "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n",
        ": ping\n\n", "{\"choices\":[{\"message\":{\"content\":\"cut", "\0\0\0", "{\"usage\":{\"prompt_tokens\":-1}}",
    ];

    private static readonly string[] Headers =
    [
        "", "", "", "Retry-After: 0\r\n", "Retry-After: 0.002\r\n", "Retry-After: -5\r\n", "Retry-After: soon\r\n", "Retry-After: 1e300\r\n",
        "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "Retry-After: 0, 0\r\n", "retry-after-ms: 3\r\n", "retry-after-ms: NaN\r\n",
        "x-ratelimit-limit-requests: 0\r\nx-ratelimit-remaining-requests: -1\r\n", "x-ratelimit-limit-tokens: many\r\n",
        "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 2ms\r\n", "x-ratelimit-reset-requests: 99999999999999999999h\r\n",
        "ratelimit-limit: 1\r\nratelimit-remaining: 0\r\nratelimit-reset: 0\r\n", "Location: ://nowhere\r\n", "Location: /elsewhere\r\n",
        "Content-Encoding: gzip\r\n", "Content-Encoding: sketchy\r\n", "Date: yesterday\r\n", "Content-Type: text/event-stream\r\n",
        "Content-Type: application/json; charset=utf-99\r\n", "WWW-Authenticate: Negotiate ====\r\n", "Set-Cookie: a=b\r\nSet-Cookie: a=c\r\n",
        "X-Long: " + new string('x', 20_000) + "\r\n",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Whatever_comes_back_every_question_is_answered_when_that_is_over_and_none_is_paid_for_twice()
    {
        var replies = int.TryParse(Environment.GetEnvironmentVariable("ORCA_REPLIES"), out var asked) ? asked : 1_000;
        var (random, told) = (new Random(1), 0);
        await using var server = new ChatServer(
            _ =>
            {
                lock (random)
                {
                    return ++told <= replies ? Odd(random) : ChatServer.Reply("It is 7.");
                }
            },
            closes: true);
        await using var store = TraceStore.Open(Path.Combine(folder.Path, "traces.db"));
        var open = Enumerable.Range(0, replies / PerQuestion).Select(number => Questions.Request($"question {number}")).ToList();
        var (leftOut, starts) = (new ConcurrentBag<string>(), 0);
        while (open.Count > 0)
        {
            Assert.True(++starts < 2_000, "it does not come to an end");
            await AskAsync(server, store, open, leftOut);
            open.RemoveAll(request => leftOut.Contains(request.Id) || store.Find(request.Id)?.Answer is not null);
        }

        Assert.True(told >= replies, $"{told} replies only");
        using var account = StoredTraces.Open(store.Path);
        var answered = account.Attempts().Where(attempt => attempt.Outcome <= AttemptKind.ToolCall).ToList();
        Assert.Equal(answered.Count, answered.DistinctBy(attempt => attempt.RequestId).Count());
        Assert.Equal(replies / PerQuestion, answered.Count + leftOut.Distinct().Count());

        // A call can break off on its way: the server never hears of it. No call that it hears of is not in the account.
        Assert.InRange(server.Requests.Count, replies, account.Attempts().Length);
        Assert.InRange(leftOut.Count, 1, replies / PerQuestion / 4);
    }

    // One start: until all are answered, or the endpoint is given up, which a mended setting would follow.
    private static async Task AskAsync(ChatServer server, TraceStore store, List<TeacherRequest> open, ConcurrentBag<string> leftOut)
    {
        var options = Support.Endpoints.Options(server) with { Timeout = TimeSpan.FromSeconds(2), Concurrency = 8 };
        using var scheduler = new RequestScheduler(
            [TeacherEndpoint.Open(options)],
            new SchedulerOptions { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(2) },
            store.Ledger());
        await Task.WhenAll(open.Select(async request =>
        {
            try
            {
                await store.AskAsync(request);
                await scheduler.AskAsync(request, ["m"], TestContext.Current.CancellationToken);
            }
            catch (TeacherException failure) when (failure.Fault == TeacherFault.Request)
            {
                leftOut.Add(request.Id);
            }
            catch (TeacherException failure)
            {
                Assert.NotEmpty(failure.Message);
            }
        }));
    }

    private static string Odd(Random random)
    {
        var (status, body) = (Any(random, Statuses), Any(random, Bodies));
        if (random.Next(8) == 0)
        {
            body = ChatServer.Reply("It is 7, too.").Split("\r\n\r\n", 2)[1];
            status = 200;
        }

        var length = random.Next(10) switch
        {
            0 => "",
            1 => $"Content-Length: {Encoding.UTF8.GetByteCount(body) + random.Next(1, 100)}\r\n",
            2 => $"Content-Length: {Encoding.UTF8.GetByteCount(body) / 2}\r\n",
            3 => "Transfer-Encoding: chunked\r\n",
            _ => $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n",
        };
        var reply = string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nConnection: close\r\n{length}{Any(random, Headers)}\r\n{body}");
        return random.Next(12) switch
        {
            0 => "",
            1 => reply[..random.Next(reply.Length)],
            2 => "HTTP/1.1 103 Early Hints\r\n\r\n" + reply,
            _ => reply,
        };
    }

    private static T Any<T>(Random random, T[] of) => of[random.Next(of.Length)];
}
