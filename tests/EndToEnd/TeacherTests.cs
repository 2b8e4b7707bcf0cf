using System.Text.Json;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary><c>orca teacher</c> as a process of its own, asked by a client that nobody here wrote.</summary>
public sealed class TeacherTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Fact]
    public async Task The_openai_client_asks_it_is_throttled_comes_back_and_runs_a_batch()
    {
        var tasks = new ReasoningTasks(seed: 0);
        var (question, throttled) = (tasks.At(0).Prompt, tasks.At(1).Prompt);
        File.WriteAllText(Path.Combine(folder.Path, "teacher.json"), JsonSerializer.Serialize(new
        {
            questionsAhead = 1_000,
            models = new[] { new { name = "expert", requestsPerMinute = 1_000, latencyMs = 1, priceIn = 30, priceOut = 60 } },
            keys = new[] { new { name = "alice", key = "sk-alice" } },
            faults = new[] { new { fault = "429-milliseconds", matching = throttled, times = 2, pauseSeconds = 0.01 } },
        }));
        await using var teacher = OrcaProcess.Start(
            folder.Path, "teacher", "teacher.json", "--port", "0", "--books", "books.json", "--set", "run.seed=0");
        var address = (await teacher.LineAsync("OpenAI-compatible HTTP on ")).Split(' ')[^1];

        using var told = JsonDocument.Parse(await NodeScript.RunAsync(
            "teacher.mjs", [address, "expert", question, throttled], ("ORCA_API_KEY", "sk-alice")));
        teacher.Signal("TERM");
        await teacher.EndAsync();

        var root = told.RootElement;
        var expected = await AnswerAsync(tasks.At(0));
        Assert.Equal(["expert"], root.GetProperty("models").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal((expected, "stop"), (Text(root, "chat", "text"), Text(root, "chat", "reason")));
        Assert.Equal("999", root.GetProperty("remaining").GetString());
        Assert.Equal(expected, Text(root, "chatStream", "text"));
        Assert.Equal($"{root.GetProperty("chat").GetProperty("usage")}", $"{root.GetProperty("chatStream").GetProperty("usage")}");
        Assert.Equal(
            ["AuthenticationError 401", "NotFoundError 404", "RateLimitError 429"],
            root.GetProperty("errors").EnumerateObject().Select(error => error.Value)
                .Select(error => $"{Text(error, "name")} {error.GetProperty("status")}"));
        Assert.Equal(await AnswerAsync(tasks.At(1)), root.GetProperty("afterPause").GetString());

        var batch = root.GetProperty("batch");
        Assert.Equal(("completed", "1"), (Text(batch, "status"), Text(batch, "metadata", "mine")));
        Assert.True(batch.GetProperty("isListed").GetBoolean());
        Assert.Equal(["a", "b"], batch.GetProperty("answers").EnumerateArray().Select(answer => Text(answer, "id")));
        Assert.Equal(expected, Text(batch.GetProperty("answers")[0], "text"));
        using var books = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "books.json")));
        Assert.Equal(
            [(5, 3, 2), (2, 2, 0)],
            books.RootElement.GetProperty("rows").EnumerateArray()
                .Select(row => (Number(row, "calls"), Number(row, "answered"), Number(row, "failed"))));
    }

    [Theory]
    [InlineData("'junk' holds no books", "--books", "junk")]
    [InlineData("cannot be written", "--books", "nowhere/books.json")]
    public async Task What_cannot_be_its_books_is_told_at_the_start(string part, params string[] flags)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "junk"), "null", TestContext.Current.CancellationToken);
        var ended = await OrcaProcess.RunAsync(folder.Path, ["teacher", "--port", "0", .. flags]);
        Assert.Contains(part, ended.Mistake());
    }

    public void Dispose() => folder.Dispose();

    private static async Task<string> AnswerAsync(TaskQuery query)
    {
        var request = new TeacherRequest { Query = query, SystemMessage = "You explain.", Stage = "expert" };
        return (await new SolverTeacher(SolverStrength.Expert).AskAsync(request, TestContext.Current.CancellationToken)).Response;
    }

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            element = element.GetProperty(name);
        }

        return element.GetString();
    }

    private static int Number(JsonElement row, string name) => row.GetProperty(name).GetInt32();
}
