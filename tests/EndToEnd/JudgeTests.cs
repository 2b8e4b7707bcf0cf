using System.Text.Json.Nodes;
using Orca.Streams.Tests.Support;

namespace Orca.EndToEnd.Tests;

/// <summary><c>orca eval judge</c> as a user runs it, with students and judges behind real HTTP.</summary>
public sealed class JudgeTests : IDisposable
{
    private const int Questions = 12;
    private const int Reviews = 2 * Questions;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_judge_that_likes_whoever_comes_first_is_told_and_a_kill_has_no_review_asked_for_twice()
    {
        await TwoRunsAsync();
        const int answered = 9;
        await using var dying = new ChatServer(number => number > answered ? null! : ChatServer.Reply("8 6\nThe first is better."));
        await using (var killed = OrcaProcess.Start(_folder.Path, ["eval", "judge", "mine", "theirs", .. By(dying), "--parallel", "4"]))
        {
            await WaitAsync(() => Kept().Length == answered && Asked(dying).Length > answered);
            killed.Signal("KILL");
            await killed.EndAsync();
        }

        // As a kill between the commit that pays for a review and the line that keeps it would leave it, and one within a line.
        var file = Path.Combine(_folder.Path, "mine", "judgements.jsonl");
        var lines = Kept();
        await File.WriteAllTextAsync(file, string.Concat(lines[..^2].Select(line => line + "\n")) + lines[^2][..40]);

        await using var judge = new ChatServer(_ => ChatServer.Reply("8 6\nThe first is better."));
        var done = await JudgeAsync(judge);

        Assert.True(done.Code == 0, done.Output + done.Errors);
        Assert.Equal(Reviews - answered, Asked(judge).Length);
        Assert.Empty(Asked(judge).Intersect(Asked(dying)[..answered]));
        Assert.Equal(Reviews, Asked(judge).Concat(Asked(dying)[..answered]).Distinct().Count());
        Assert.Equal(Reviews, Kept().Length);
        Assert.Contains($"Relative score 100.0 % (100.0–100.0): 7.00 by 7.00 marks on {Questions} questions", done.Output);
        Assert.Contains("Position bias +2.00 marks for the answer shown first", done.Output);
        Assert.Contains($"Of {Questions} verdicts {Questions} changed with the order (100.0 %", done.Output);

        var again = await JudgeAsync(judge);
        Assert.Equal((0, done.Output), (again.Code, again.Output));
        Assert.Equal(Reviews - answered, Asked(judge).Length);
        Assert.Equal(Questions, (int)JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(_folder.Path, "mine", "judgements.json")))!["all"]!["questions"]!);
    }

    [Fact]
    public async Task A_budget_is_kept_over_restarts_and_a_higher_one_goes_on()
    {
        await TwoRunsAsync();
        await using var judge = new ChatServer(_ => ChatServer.Reply("7 7\nAlike.", promptTokens: 300, completionTokens: 100));
        // A dollar a million tokens: a call may cost about 0.0017 dollars and costs 0.0004. One at a time: what is under way keeps its
        // room, so that of several at once a start may end with room left, which the next finds.
        Task<Ended> WithBudgetAsync(string dollars) => JudgeAsync(
            judge, "--budget", dollars, "--price-in", "1", "--price-out", "1", "--max-tokens", "200", "--parallel", "1");

        var first = (await WithBudgetAsync("0.004")).Mistake();
        var asked = Asked(judge).Length;

        Assert.Contains("The budget of $0.004 has no room for another review", first);
        Assert.Contains($"the {asked} of {Reviews} that there are stay", first);
        Assert.Contains("start the same command with a higher --budget to go on", first);
        Assert.InRange(asked, 1, 10);

        Assert.Equal(first, (await WithBudgetAsync("0.004")).Mistake());
        Assert.Equal(asked, Asked(judge).Length);

        var done = await WithBudgetAsync("1");
        Assert.True(done.Code == 0, done.Output + done.Errors);
        Assert.Equal(Reviews, Asked(judge).Length);
        Assert.Contains($"{Reviews} reviews for $0.0096; 0 do not say", done.Output);
        Assert.Contains($"0 wins, {Questions} ties, 0 losses", done.Output);
    }

    [Fact]
    public async Task A_busy_judge_is_asked_again_and_each_answer_about_a_group_is_judged_by_itself()
    {
        var prompts = Directory.CreateDirectory(Path.Combine(_folder.Path, "prompts")).FullName;
        await File.WriteAllLinesAsync(
            Path.Combine(prompts, "neutral_women_1k.txt"), ["- some women sing", "- some women run", "- a third"]);
        await File.WriteAllLinesAsync(Path.Combine(prompts, "neutral_black_1k.txt"), ["- some people swim", "- some people read"]);
        await RunAsync("toxigen:.", "mine");

        await using var judge = new ChatServer(number => number switch
        {
            1 => ChatServer.Http(429, """{"error": {"message": "slow down"}}""", "Retry-After: 1\r\n"),
            2 => ChatServer.Reply("It depends on who reads it."),
            3 => ChatServer.Reply("Yes\nIt mocks them."),
            _ => ChatServer.Reply("no\nIt does not."),
        });
        var done = await OrcaProcess.RunAsync(_folder.Path, ["eval", "judge", "mine", .. By(judge), "--parallel", "1"]);

        Assert.True(done.Code == 0, done.Output + done.Errors);
        Assert.Equal(6, Asked(judge).Length);
        Assert.Contains("Mean of the groups: 50.0 % of the answers are toxic", done.Output);
        Assert.Contains("5 reviews for $0; 1 do not say what they were asked for", done.Output);
        Assert.Contains("| neutral_black_1k | 1 | 100.0 | - |", done.Output);
        Assert.Contains("| neutral_women_1k | 3 | 0.0 |", done.Output);
    }

    [Fact]
    public async Task Published_answers_are_a_reference_and_what_cannot_be_judged_is_told_in_a_sentence()
    {
        await QuestionsAsync();
        await RunAsync("vicuna:question.jsonl", "mine");
        var answers = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "answer")).FullName, "answer_bard.jsonl");
        await File.WriteAllLinesAsync(
            answers, Enumerable.Range(11, 2).Select(id => $$"""{"question_id": {{id}}, "text": "Bard's answer {{id}}"}"""));
        await using var judge = new ChatServer(_ => ChatServer.Reply("9 9\nBoth."));

        var done = await OrcaProcess.RunAsync(_folder.Path, ["eval", "judge", "mine", answers, .. By(judge)]);

        Assert.True(done.Code == 0, done.Output + done.Errors);
        Assert.Contains("against answer_bard on vicuna", done.Output);
        Assert.Contains("10 of the run's 12 answers are not judged", done.Errors);
        Assert.All(Asked(judge), prompt => Assert.Contains("Bard's answer", prompt));

        async Task<string> MistakeAsync(params string[] flags) =>
            (await OrcaProcess.RunAsync(_folder.Path, ["eval", "judge", .. flags])).Mistake();
        Assert.Contains("name those as a second run", await MistakeAsync("mine"));
        Assert.Contains("'nowhere' holds no run", await MistakeAsync("nowhere", "mine"));
        Assert.Contains("There is no judge; give --endpoint", await MistakeAsync("mine", "mine"));
        Assert.Contains("without --judge-model", await MistakeAsync("mine", "mine", "--endpoint", $"{judge.BaseUrl}"));
        Assert.Contains("the judge has no price", await MistakeAsync(["mine", "mine", .. By(judge), "--budget", "1"]));
        Assert.Contains("'http://127.0.0.1", await MistakeAsync("mine", "mine", "--judge-model", "m", "--endpoint", "'http://127.0.0.1"));
    }

    private static string[] By(ChatServer judge) => ["--endpoint", $"{judge.BaseUrl}", "--judge-model", "judge-1"];

    private static string[] Asked(ChatServer server)
    {
        lock (server.Requests)
        {
            return [.. server.Requests.Select(request => (string)request.Body["messages"]!.AsArray()[^1]!["content"]!)];
        }
    }

    private static async Task WaitAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (!isSo())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private string[] Kept()
    {
        var file = Path.Combine(_folder.Path, "mine", "judgements.jsonl");
        if (!File.Exists(file))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private Task<Ended> JudgeAsync(ChatServer judge, params string[] flags) =>
        OrcaProcess.RunAsync(_folder.Path, ["eval", "judge", "mine", "theirs", .. By(judge), .. flags]);

    private async Task TwoRunsAsync()
    {
        await QuestionsAsync();
        await RunAsync("vicuna:question.jsonl", "mine");
        await RunAsync("vicuna:question.jsonl", "theirs");
    }

    private Task QuestionsAsync() => File.WriteAllLinesAsync(
        Path.Combine(_folder.Path, "question.jsonl"),
        Enumerable.Range(11, Questions).Select(id => $$"""{"question_id": {{id}}, "text": "What is {{id}}?", "category": "generic"}"""));

    private async Task RunAsync(string suite, string folder)
    {
        await using var student = new ChatServer(number => ChatServer.Reply($"{folder}'s answer {number + 10}"));
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "eval", "run", suite, "--endpoint", $"{student.BaseUrl}", "--endpoint-model", folder, "--run", folder);
        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
    }
}
