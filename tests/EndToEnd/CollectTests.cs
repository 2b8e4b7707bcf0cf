using System.Text.Json;
using Orca.Streams.Tests.Support;

namespace Orca.EndToEnd.Tests;

/// <summary><c>orca collect</c>: exactly so many accepted traces, or the reason why not.</summary>
public sealed class CollectTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Exactly_so_many_traces_are_accepted_and_a_higher_number_goes_on()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply(number % 3 == 0 ? " " : $"It is number {number}."));

        var first = await CollectAsync(teacher, 100, "--accept", "20");
        var second = await CollectAsync(teacher, 100, "--accept", "31");
        var third = await CollectAsync(teacher, 100, "--accept", "31");

        Assert.True(first.Code == 0, first.Output + first.Errors);
        Assert.StartsWith("20 traces accepted of 20 (20 now): that is what was asked for", Last(first));
        Assert.True(second.Code == 0, second.Output + second.Errors);
        Assert.StartsWith("31 traces accepted of 31 (11 now): that is what was asked for", Last(second));
        Assert.StartsWith("31 traces accepted of 31 (0 now)", Last(third));
        Assert.Equal(0, third.Code);
    }

    [Fact]
    public async Task Out_of_questions_or_of_candidates_it_fails_and_says_so()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply(number % 3 == 0 ? " " : $"It is number {number}."));

        var bounded = await CollectAsync(teacher, 30, "--accept", "25", "--candidates", "9");
        var usedUp = await CollectAsync(teacher, 30, "--accept", "25");

        // Three of the thirty are held out.
        Assert.Equal((1, 1), (bounded.Code, usedUp.Code));
        Assert.Equal("6 traces accepted of 25 (6 now): 9 candidates have come to an end; 3 rejected by empty", Last(bounded));
        Assert.Equal("18 traces accepted of 25 (12 now): there are no more questions; 6 rejected by empty", Last(usedUp));
    }

    [Fact]
    public async Task Out_of_patience_it_fails_and_says_what_there_is()
    {
        await using var teacher = new ChatServer(_ => ChatServer.Http(401, """{"error": {"message": "Incorrect API key provided"}}"""));

        var ended = await CollectAsync(teacher, 10, "--accept", "5");

        Assert.Contains("Incorrect API key", ended.Mistake());
        Assert.StartsWith("no trace accepted of 5: given up", Last(ended));
    }

    [Fact]
    public async Task Interrupted_it_ends_with_130_and_the_same_command_goes_on_to_exactly_the_number()
    {
        await using (var mute = new ChatServer(number => number > 10 ? null! : ChatServer.Reply($"It is number {number}.")))
        {
            await using var orca = OrcaProcess.Start(_folder.Path, await ArgumentsAsync(mute, 100, ["--accept", "25", .. Patience(1)]));
            await orca.LineAsync("kept 10");
            orca.Signal("INT");
            var interrupted = await orca.EndAsync();
            Assert.Equal((130, ""), (interrupted.Code, interrupted.Errors));
            Assert.Contains("calls are under way and paid for: waiting for the answers, 1 s at most", interrupted.Output);
            Assert.StartsWith("10 traces accepted of 25 (10 now): ended by request", Last(interrupted));
        }

        await using var teacher = new ChatServer(number => ChatServer.Reply($"It is number {number}."));
        var ended = await CollectAsync(teacher, 100, "--accept", "25");

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.StartsWith("25 traces accepted of 25 (15 now)", Last(ended));
        Assert.Equal(15, teacher.Requests.Count);
    }

    [Fact]
    public async Task Interrupted_it_keeps_the_answers_that_are_under_way_and_paid_for()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "teacher.json"), JsonSerializer.Serialize(new
        {
            models = new[] { new { name = "gpt-4", latencyMs = 1_000, priceIn = 30, priceOut = 60 } },
        }));
        await using var teacher = OrcaProcess.Start(
            _folder.Path, "teacher", "teacher.json", "--port", "0", "--books", "books.json", "--set", "run.seed=0");
        var address = (await teacher.LineAsync("OpenAI-compatible HTTP on ")).Split(' ')[^1];
        await using var orca = OrcaProcess.Start(
            _folder.Path, "collect", "--teacher", "openai", "--accept", "1000", "--set", "run.seed=0",
            "--set", $"teacher.baseUrl={address}",
            "--set", "teacher.model=gpt-4", "--set", "curriculum.assistantLessons=0", "--set", "display.everySeconds=0.2");
        await orca.LineAsync("kept 16");
        orca.Signal("INT");
        var interrupted = await orca.EndAsync();
        teacher.Signal("TERM");
        await teacher.EndAsync();

        Assert.Equal((130, ""), (interrupted.Code, interrupted.Errors));
        using var books = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Path, "books.json")));
        var row = Assert.Single(books.RootElement.GetProperty("rows").EnumerateArray());
        Assert.Equal(row.GetProperty("calls").GetInt32(), row.GetProperty("answered").GetInt32());
        Assert.StartsWith($"{row.GetProperty("answered")} traces accepted of 1000", Last(interrupted));
    }

    [Fact]
    public async Task A_signal_that_is_sent_twice_at_once_is_one_and_a_second_one_later_ends_it_at_once()
    {
        await using var slow = new ChatServer(number => number > 10 ? null! : ChatServer.Reply($"It is number {number}."));
        await using var orca = OrcaProcess.Start(_folder.Path, await ArgumentsAsync(slow, 100, ["--accept", "25", .. Patience(60)]));
        await orca.LineAsync("kept 10");

        // As GNU's timeout does: to the process, then to its group.
        orca.Signal("TERM", times: 2);
        await orca.LineAsync("waiting for the answers");
        await Task.Delay(1_000, TestContext.Current.CancellationToken);
        orca.Signal("TERM");

        Assert.Equal(137, (await orca.EndAsync()).Code);
    }

    [Fact]
    public async Task What_is_reserved_for_a_call_that_was_lost_is_given_back_when_somebody_says_what_it_cost()
    {
        await using var teacher = new ChatServer(number => number == 1 ? "" : ChatServer.Reply($"It is number {number}."));
        string[] prices = ["--set", "teacher.priceIn=1000", "--set", "teacher.priceOut=1000", "--set", "teacher.maxTokens=20"];
        await CollectAsync(teacher, 10, ["--accept", "3", .. prices]);

        var before = await OrcaProcess.RunAsync(_folder.Path, "traces", "spending");
        var number = before.Output.Split('#')[1].Split(' ')[0];
        var tooMuch = await OrcaProcess.RunAsync(_folder.Path, "traces", "settle", number, "--cost", "1000");
        var settled = await OrcaProcess.RunAsync(_folder.Path, "traces", "settle", number, "--cost", "0.01");
        var again = await OrcaProcess.RunAsync(_folder.Path, "traces", "settle", number);
        var after = await OrcaProcess.RunAsync(_folder.Path, "traces", "spending");

        Assert.Matches(@"the run +0\.09 +0\.1\d+", before.Output);
        Assert.Contains("cannot have cost $1000", tooMuch.Mistake());
        Assert.Equal("1 call settled at $0.01 each", settled.Output);
        Assert.Contains("There is no call", again.Mistake());
        Assert.Matches(@"the run +0\.10? +0\.00", after.Output);
        Assert.DoesNotContain("#", after.Output);
    }

    [Fact]
    public async Task Out_of_money_it_fails_keeps_what_it_has_and_goes_on_when_there_is_more()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply($"It is number {number}."));
        string[] prices = ["--set", "teacher.priceIn=1000", "--set", "teacher.priceOut=1000", "--set", "teacher.maxTokens=20"];

        var spent = await CollectAsync(teacher, 100, ["--accept", "25", "--budget", "0.6", .. prices]);
        var paid = teacher.Requests.Count;
        var again = await CollectAsync(teacher, 100, ["--accept", "25", "--budget", "0.6", .. prices]);
        var more = await CollectAsync(teacher, 100, ["--accept", "25", "--budget", "5", .. prices]);

        Assert.Equal((1, 1, 0), (spent.Code, again.Code, more.Code));
        Assert.InRange(paid, 5, 20);
        Assert.Contains("The budget of the run is used up: of $0.6 ", spent.Output);
        Assert.StartsWith($"{paid} traces accepted of 25 ({paid} now): the budget is used up", Last(spent));
        Assert.StartsWith($"{paid} traces accepted of 25 (0 now): the budget is used up", Last(again));
        Assert.StartsWith($"25 traces accepted of 25 ({25 - paid} now): that is what was asked for", Last(more));
        Assert.Equal(25, teacher.Requests.Count);
    }

    [Fact]
    public async Task A_preview_tells_yield_candidates_and_time_and_what_it_asked_is_part_of_the_whole()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply(number % 5 == 0 ? " " : $"It is number {number}."));

        var preview = await CollectAsync(teacher, 200, "--accept", "100", "--preview");

        Assert.True(preview.Code == 0, preview.Output + preview.Errors);
        Assert.Contains("50 questions asked, 40 accepted; for 100 accepted traces in all", preview.Output);
        Assert.Contains("yield       80.0 % (67.0 % to 88.8 %)", preview.Output);
        Assert.Matches(@"candidates  125 \(\d+ to \d+\)", preview.Output);
        Assert.Matches(@"time        \d+ s \(", preview.Output);
        Assert.Equal(50, teacher.Requests.Count);

        var whole = await CollectAsync(teacher, 200, "--accept", "100");

        Assert.StartsWith("100 traces accepted of 100 (60 now)", Last(whole));
        Assert.InRange(teacher.Requests.Count, 120, 130);
    }

    [Fact]
    public async Task A_preview_for_which_there_is_no_money_says_so_and_one_of_what_is_there_is_done()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply($"It is number {number}."));

        var poor = await CollectAsync(teacher, 30, "--accept", "5", "--preview", "--budget", "0", "--set", "teacher.priceOut=1");
        await CollectAsync(teacher, 30, "--accept", "5");
        var done = await CollectAsync(teacher, 30, "--accept", "5", "--preview");

        Assert.Equal((1, 0), (poor.Code, done.Code));
        Assert.EndsWith("nothing can be told: the budget is used up", Last(poor));
        Assert.EndsWith("nothing can be told: that is what was asked for", Last(done));
    }

    [Fact]
    public async Task Out_of_time_it_fails_where_the_number_is_not_reached_and_says_so()
    {
        await using var teacher = new ChatServer(number => number > 10 ? null! : ChatServer.Reply($"It is number {number}."));

        var ended = await CollectAsync(teacher, 100, ["--accept", "25", "--max-minutes", "0.05", .. Patience(0)]);

        Assert.Equal(1, ended.Code);
        Assert.StartsWith("10 traces accepted of 25 (10 now): its time is over (run.maxMinutes)", Last(ended));
    }

    [Fact]
    public async Task A_question_that_is_not_answered_is_told_in_the_last_line()
    {
        await using var teacher = new ChatServer(number => number == 3
            ? ChatServer.Http(400, """{"error": {"message": "odd"}}""")
            : ChatServer.Reply($"It is number {number}."));

        var ended = await CollectAsync(teacher, 10, "--set", "teacher.parallel=1");

        Assert.Matches(@"^\d+ traces accepted \(\d+ now\): there are no more questions; 1 (left out|not answered)", Last(ended));
    }

    [Fact]
    public async Task A_preview_of_no_whole_is_refused()
    {
        await using var teacher = new ChatServer(number => ChatServer.Reply($"It is number {number}."));

        var ended = await CollectAsync(teacher, 10, "--preview");

        Assert.Contains("--accept N or --candidates M", ended.Mistake());
        Assert.Empty(teacher.Requests);
    }

    private static string[] Patience(int seconds) => ["--set", $"teacher.finishSeconds={seconds}"];

    private static string Last(Ended ended) => ended.Output.Split('\n')[^1];

    private async Task<Ended> CollectAsync(ChatServer teacher, int questions, params string[] flags) =>
        await OrcaProcess.RunAsync(_folder.Path, await ArgumentsAsync(teacher, questions, flags));

    private async Task<string[]> ArgumentsAsync(ChatServer teacher, int questions, string[] flags)
    {
        await File.WriteAllLinesAsync(
            Path.Combine(_folder.Path, "questions.jsonl"),
            Enumerable.Range(1, questions).Select(number => $$"""{"question": "Question {{number}}: say the number and why."}"""));
        return
        [
            "collect", "--teacher", "openai", "--tasks", "jsonl:questions.jsonl", "--set", $"teacher.baseUrl={teacher.BaseUrl}",
            "--set", "display.everySeconds=0.2", "--set", "curriculum.assistantLessons=0", .. flags,
        ];
    }
}
