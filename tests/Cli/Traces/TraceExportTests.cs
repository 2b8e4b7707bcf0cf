using System.Text.Json.Nodes;
using Orca.Cli.Commands;
using Orca.Cli.Traces;
using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;
using Parquet.Serialization;

namespace Orca.Cli.Tests.Traces;

public sealed class TraceExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orca-export-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Lines_are_OpenOrcas_and_can_be_read_as_tasks_again()
    {
        await StoreAsync("It is \"7\".\nThe answer is 7.", "What is – 3 + 4? 🐋");
        var path = At("out.jsonl");

        Assert.Equal(1, await ExportAsync(path));

        var line = Assert.Single(await File.ReadAllLinesAsync(path, Cancelled));
        Assert.Contains("–", line);
        var row = JsonNode.Parse(line)!.AsObject();
        Assert.Equal(["id", "system_prompt", "question", "response"], row.Select(field => field.Key));
        Assert.StartsWith("cot.", (string)row["id"]!, StringComparison.Ordinal);
        Assert.Equal(
            ("Explain.", "What is – 3 + 4? 🐋", "It is \"7\".\nThe answer is 7."),
            ((string)row["system_prompt"]!, (string)row["question"]!, (string)row["response"]!));
        var source = TaskSpec.Of($"jsonl:{path}").Open().Single();
        var query = Assert.Single(await source.ReadAsync(0, new Progress<SourceFault>(), Cancelled).ToListAsync(Cancelled))!;
        Assert.Equal(("What is – 3 + 4? 🐋", "Explain."), (query.Prompt, query.SystemMessage));
    }

    [Fact]
    public async Task Parquet_holds_every_row_in_groups_and_a_card_beside_it_says_what_it_is()
    {
        await StoreAsync("The answer is 7.", Enumerable.Range(0, 300).Select(number => $"Question {number}"));
        var path = At("out.parquet");

        Assert.Equal(300, await ExportAsync(path));

        await using var file = File.OpenRead(path);
        var rows = (await ParquetSerializer.DeserializeAsync<OpenOrcaRow>(file, cancellationToken: Cancelled)).Data;
        Assert.Equal(300, rows.Select(row => row.Question).Distinct().Count());
        Assert.All(rows, row => Assert.Equal(("Explain.", "The answer is 7."), (row.SystemPrompt, row.Response)));
        var card = await File.ReadAllTextAsync(At("out.md"), Cancelled);
        Assert.Contains("data_files: out.parquet", card);
        Assert.Contains("300 answers of teachers", card);
        Assert.Contains("| gpt | 300 | 900 | 3.00 |", card);
        Assert.Contains("| cot | 300 | 900 | 3.00 |", card);
    }

    [Theory]
    [InlineData("out.csv", "expected one that ends in .jsonl or .parquet")]
    [InlineData("nowhere/out.jsonl", "There is no folder")]
    public void A_file_that_cannot_be_written_is_told_before_anything_is_read(string name, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<CommandException>(() => TraceExport.Check(At(name))).Message);

    [Fact]
    public async Task An_export_that_is_ended_leaves_what_was_there()
    {
        await StoreAsync("The answer is 7.", "q");
        await File.WriteAllTextAsync(At("out.jsonl"), "mine", Cancelled);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ExportAsync(At("out.jsonl"), stop.Token));

        Assert.Equal("mine", await File.ReadAllTextAsync(At("out.jsonl"), Cancelled));
        Assert.Equal(["out.jsonl"], Directory.GetFiles(_folder, "out*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_trace_is_shown_with_question_price_verdicts_and_lesson()
    {
        await StoreAsync("The answer is 8.", "What is 3 + 4?");
        await CallAsync("What is 3 + 4?", 0.02m, new Attempt(AttemptKind.Broken) { Message = "broke off" }, null);
        await CallAsync("What is 3 + 4?", 0.03m, new Attempt(AttemptKind.Answered), 0.01m);
        using var traces = StoredTraces.Open(At("traces.db"));
        var trace = traces.Read(new TraceFilter()).Single();

        var shown = TraceText.Whole(trace, traces.Attempts(trace.Key), traces.FormerVerdicts(trace.Key), traces.Scores(trace.Key));
        var spending = SpendingText.Table(traces.Spending(), traces.UnknownAttempts());

        foreach (var part in new[]
                 {
                     $"id:           {trace.Id}", "state:        rejected", "asked:        1 time, the last at ", "attempts:     2",
                     "gpt-4, call 1, broken, at most 0.02 USD: broke off", "gpt-4, call 2, answered, 0.01 USD", "answered:     by gpt in ",
                     "price:        0.01 USD for 2 tokens asked and 3 answered",
                     $"rejected by gold-answer ({ScreenPlan.Default.SettingsOf(new GoldAnswerScreen())}) at ",
                     "finish        passed, measured 0", "gold-answer   rejected, measured 1: The answer is not '7'.", "lesson:       none",
                     "\nWhat is 3 + 4?\n", "\nExplain.\n", "\nhm\n", "\nThe answer is 8.\n",
                 })
        {
            Assert.Contains(part, shown.ReplaceLineEndings("\n"));
        }

        Assert.Contains("gold-answer: The answer is not '7'.", TraceText.Line(trace));
        Assert.Matches(@"the run +0\.01 +0\.02", spending);
        Assert.Matches(@"endpoint gpt-4 +0\.01 +0\.02", spending);
        Assert.EndsWith("gpt-4, call 1, broken, at most 0.02 USD: broke off\n", spending.ReplaceLineEndings("\n"));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private async Task<long> ExportAsync(string path, CancellationToken? stop = null)
    {
        using var traces = StoredTraces.Open(At("traces.db"));
        return await TraceExport.WriteAsync(
            path, traces.Read(new TraceFilter()),
            rows => DatasetCard.Of(
                path, rows, traces.Count(new TraceFilter(), "teacher"), traces.Count(new TraceFilter(), "collection"),
                DateTimeOffset.UnixEpoch),
            stop ?? Cancelled);
    }

    private async Task CallAsync(string prompt, decimal reserved, Attempt outcome, decimal? cost)
    {
        await using var store = TraceStore.Open(At("traces.db"));
        var ledger = store.Ledger();
        var intent = new CallIntent(
            TraceOf(prompt, "").Request.Id, "expert", "gpt-4", "gpt-4", outcome.Kind == AttemptKind.Answered ? 2 : 1, reserved);
        await ledger.SettleAsync((await ledger.ReserveAsync(intent, Cancelled)).Attempt, outcome, cost, null);
    }

    private async Task StoreAsync(string response, params IEnumerable<string> prompts)
    {
        await using var store = TraceStore.Open(At("traces.db"));
        await Task.WhenAll(prompts.Select(async prompt =>
        {
            var trace = TraceOf(prompt, response);
            var key = await store.AskAsync(trace.Request, Cancelled);
            await store.AnswerAsync(key, trace, Cancelled);
            await store.SettleAsync(key, ScreenSet.All.Judge(trace), cancellationToken: Cancelled);
        }));
    }

    private static Trace TraceOf(string prompt, string response) => new()
    {
        Request = new TeacherRequest
        {
            Stage = "expert",
            SystemMessage = "Explain.",
            Query = new TaskQuery
            {
                Id = TaskQuery.IdOf("cot", "sums", prompt, "7"),
                Collection = "cot",
                Task = "sums",
                Prompt = prompt,
                GoldAnswers = ["7"],
                AnswerKind = AnswerKind.Exact,
            },
        },
        Response = response,
        Reasoning = "hm",
        Finish = TeacherFinish.Stop,
        Teacher = "gpt",
        PromptTokens = 2,
        CompletionTokens = 3,
        Cost = 0.01m,
    };
}
