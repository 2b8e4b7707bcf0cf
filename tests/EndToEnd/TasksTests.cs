using System.Text.Json.Nodes;

namespace Orca.EndToEnd.Tests;

/// <summary><c>orca tasks</c>: what would be asked, before a call is paid.</summary>
public sealed class TasksTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_would_be_asked_and_what_not_is_told_with_its_price()
    {
        await WriteAsync("exam.jsonl", """{"question": "Which of the nine old lighthouses on the western coast was built by a widow?"}""");
        await WriteAsync("rows.jsonl", """
            {"question": "Which of the nine old lighthouses on the western coast was built by a widow?", "answer": "the third"}
            {"question": "How high is the tower?", "answer": "20"}
            {"question": "how  high is the tower ?", "answer": "20"}
            {"question": "Who keeps the lamp?"}
            {"question": "Who keeps the lamp?", "answer": "Ann"}
            not a row
            """);

        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "tasks", "--json", "--tasks", "jsonl:rows.jsonl", "--teacher", "openai", "--evaluation-sets", "exam=exam.jsonl",
            "--set", "teacher.baseUrl=http://127.0.0.1:9/v1", "--set", "tasks.heldOutOneIn=1000000", "--set", "teacher.priceIn=3",
            "--set", "teacher.priceOut=6");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        var survey = JsonNode.Parse(ended.Output)!;
        Assert.Equal((4, 1), ((int)survey["sources"]![0]!["counts"]!["questions"]!, (int)survey["sources"]![0]!["counts"]!["twins"]!));
        Assert.Equal(1, (int)survey["sources"]![0]!["counts"]!["faulty"]!);
        Assert.Equal((1, 1), ((int)survey["left_out"]!["contaminated:exam"]!, (int)survey["left_out"]!["repeated"]!));
        Assert.Equal((4, 2), ((int)survey["drawn"]!, (int)survey["asked"]!));
        Assert.True((double)survey["prices"]![0]!["most"]! > (double)survey["prices"]![0]!["prompts"]!);
        Assert.Contains("line 6: The line is not valid JSON", ended.Errors);
    }

    [Fact]
    public async Task What_judging_costs_is_told_by_what_a_judge_is_asked_and_of_the_judge_alone()
    {
        await WriteAsync("rows.jsonl", """
            {"question": "Who came?", "answer": "An old man with a long grey coat came in, and nobody in the house saw him."}
            {"question": "Who left?", "answer": "A boy who had been under the table all day left the house by the window."}
            """);
        const string endpoints = "[{'name':'a','url':'http://127.0.0.1:9/v1'},{'name':'b','url':'http://127.0.0.1:9/v1'}]";

        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "tasks", "--json", "--tasks", "jsonl:rows.jsonl", "--teacher", "openai", "--set", "tasks.heldOutOneIn=1000000",
            "--set", $"teacher.endpoints={endpoints.Replace('\'', '"')}", "--set", "teacher.assistantEndpoints=a",
            "--set", "teacher.expertEndpoints=a", "--set", "teacher.judgeEndpoints=b", "--set", "teacher.answers=3",
            "--set", "teacher.priceIn=1", "--set", "teacher.priceOut=1", "--set", "teacher.maxTokens=100");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        var prices = JsonNode.Parse(ended.Output)!["prices"]!.AsArray();
        Assert.Equal([("a", false), ("b", true)], prices.Select(price => ((string)price!["endpoint"]!, (bool)price["is_of_judge"]!)));

        // The judge is shown an answer as long as may be, beside instructions, the question and the right answer, and answers as long.
        Assert.InRange((double)prices[1]!["most"]!, (double)prices[0]!["most"]! + (3 * 1_000 * 100 / 1e6), 10);
    }

    [Fact]
    public async Task A_form_that_is_not_known_is_refused_with_a_map_that_reads_it()
    {
        await WriteAsync("odd.csv", "frage,antwort\nWie hoch?,20\n");

        var refused = await OrcaProcess.RunAsync(_folder.Path, "tasks", "--tasks", "csv:odd.csv", "--teacher", "recorded");
        var read = await OrcaProcess.RunAsync(
            _folder.Path, "tasks", "--tasks", "csv:odd.csv?question=frage&answer=antwort", "--teacher", "recorded");

        Assert.Equal(2, refused.Code);
        Assert.Contains("'frage', 'antwort'", refused.Errors);
        Assert.Contains("csv:odd.csv?question=FIELD&answer=FIELD", refused.Errors);
        Assert.True(read.Code == 0, read.Output + read.Errors);
        Assert.Contains("1 questions of 1 tasks", read.Output);
    }

    private Task WriteAsync(string name, string text) =>
        File.WriteAllTextAsync(Path.Combine(_folder.Path, name), text, TestContext.Current.CancellationToken);
}
