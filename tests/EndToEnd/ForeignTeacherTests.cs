using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>Teachers that know nothing of Orca: servers of other houses, and our own server as anybody's.</summary>
public sealed class ForeignTeacherTests : IDisposable
{
    private const int Questions = 20;
    private const string Explanation = "Three stools have four legs each, and 3 x 4 = 12.\nThe answer is 12.";

    private readonly TestFolder _folder = new();

    private string Run => Path.Combine(_folder.Path, "run");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"dropRate":0.1,"malformedRate":0.1,"rateLimitRate":0.1,"disconnectRate":0.1}""")]
    public async Task A_mock_server_answers_every_question_and_each_answer_is_asked_for_once(string faults)
    {
        using var told = JsonDocument.Parse(await NodeScript.RunAsync(
            "mock.mjs", [faults, Explanation, "dotnet", OrcaProcess.Program, .. Collect("{url}")], ("OPENAI_API_KEY", "any")));

        var output = told.RootElement.GetProperty("output").GetString();
        Assert.True(told.RootElement.GetProperty("code").GetInt32() == 0, output);
        Assert.Contains($"kept {Questions}, rejected 0", output);
        Assert.Equal(Questions, await AnswersAsync());
        var calls = told.RootElement.GetProperty("calls").EnumerateObject().ToDictionary(call => call.Name, call => call.Value.GetInt32());
        Assert.Equal(Questions, calls["200"]);
        Assert.Equal(faults != "{}", calls.Count > 1);
    }

    [Fact]
    public async Task Our_own_server_teaches_as_any_endpoint_does()
    {
        var student = Path.Combine(_folder.Path, "student");
        SpellingStudent.Publish(student, "Answer: 12", context: 512);
        await using var server = OrcaProcess.Start(_folder.Path, "serve", student, "--port", "0", "--http-port", "0");
        var address = (await server.LineAsync("HTTP on ")).Split(' ')[^1];
        await server.LineAsync("answers");
        var model = Path.GetFileName(student);

        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "", [.. Collect(address), "--set", $"teacher.model={model}"], ("OPENAI_API_KEY", "any"));

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Equal(Questions, await AnswersAsync());
    }

    private string[] Collect(string address)
    {
        var tasks = Path.Combine(_folder.Path, "questions.jsonl");
        File.WriteAllLines(tasks, Enumerable.Range(0, Questions).Select(i => string.Create(
            CultureInfo.InvariantCulture, $$"""{"prompt":"Room {{i}} has three stools of four legs. How many legs?","answer":"12"}""")));
        return
        [
            "daemon", "--roles", "collect", "--run", Run, "--teacher", "openai", "--tasks", $"jsonl:{tasks}",
            "--set", $"teacher.baseUrl={address}", "--set", "curriculum.assistantLessons=0",
        ];
    }

    private async Task<long> AnswersAsync()
    {
        await using var traces = new SqliteConnection($"Data Source={Path.Combine(Run, "traces.db")};Mode=ReadOnly;Pooling=False");
        await traces.OpenAsync();
        await using var command = traces.CreateCommand();
        command.CommandText = "SELECT count(*) FROM answers";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
