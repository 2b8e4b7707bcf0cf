using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// An endpoint that speaks chat completions and counts what it was asked: to question number n it always gives the same answer, right
/// for four of five, of 1,000 + n tokens, after a moment that differs from call to call.
/// </summary>
internal sealed partial class CountingTeacher : IAsyncDisposable
{
    private readonly WebApplication server;
    private readonly ConcurrentQueue<int> asked = new();
    private int calls;

    private CountingTeacher(WebApplication server) => this.server = server;

    /// <summary>Up to and including /v1.</summary>
    public string Address => server.Urls.Single() + "/v1";

    /// <summary>Numbers of the questions in the order of the calls, one item a call.</summary>
    public IReadOnlyCollection<int> Asked => asked;

    public static async Task<CountingTeacher> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        var teacher = new CountingTeacher(server);
        server.MapPost("/v1/chat/completions", teacher.AnswerAsync);
        await server.StartAsync();
        return teacher;
    }

    /// <summary>Writes so many of its questions, one JSON object a line.</summary>
    public static void WriteQuestions(string file, int count) => File.WriteAllLines(file, Enumerable.Range(0, count).Select(n =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"prompt":"Question {{n}}: what is {{n}} + 1?","answer":"{{n + 1}}"}""")));

    /// <summary>Number of the question that an answer of so many tokens is to.</summary>
    public static int QuestionOf(long completionTokens) => (int)completionTokens - 1_000;

    /// <summary>Forgets what it was asked.</summary>
    public void Forget() => asked.Clear();

    public async ValueTask DisposeAsync()
    {
        await server.StopAsync();
        await server.DisposeAsync();
    }

    private async Task<IResult> AnswerAsync(JsonElement request)
    {
        var text = request.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
        var number = int.Parse(Number().Match(text).Groups[1].Value, CultureInfo.InvariantCulture);
        asked.Enqueue(number);
        await Task.Delay(Interlocked.Increment(ref calls) * 7 % 40);
        var right = number + (number % 5 == 0 ? 2 : 1);
        return Results.Json(new
        {
            id = "x",
            @object = "chat.completion",
            choices = new[]
            {
                new
                {
                    index = 0,
                    message = new { role = "assistant", content = $"One more than {number} is {right}.\nThe answer is {right}." },
                    finish_reason = "stop",
                },
            },
            usage = new { prompt_tokens = 50, completion_tokens = 1_000 + number },
        });
    }

    [GeneratedRegex(@"Question (\d+):")]
    private static partial Regex Number();
}
