using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Teacher;

/// <summary>What the collector's own client makes of each fault, over HTTP, and whether it is owed for.</summary>
public sealed class FaultTests
{
    private const string Whole = "whole";
    private const string Cut = "cut";

    /// <summary>
    /// Each fault, what the client takes it for (a fault of something, or an answer), and what is owed: an answer, a lost one, nothing.
    /// </summary>
    public static TheoryData<string, string, string> Faults { get; } = new()
    {
        { "307", "Settings", "nothing" },
        { "400", "Request", "nothing" },
        { "400-parameter", "Unclear", "nothing" },
        { "400-length", "Request", "nothing" },
        { "401", "Settings", "nothing" },
        { "402", "Settings", "nothing" },
        { "403", "Unclear", "nothing" },
        { "403-question", "Request", "nothing" },
        { "404-model", "Settings", "nothing" },
        { "407", "Settings", "nothing" },
        { "408", "Temporary", "nothing" },
        { "409", "Temporary", "nothing" },
        { "413", "Request", "nothing" },
        { "422", "Unclear", "nothing" },
        { "429", "Temporary", "nothing" },
        { "429-seconds", "Temporary", "nothing" },
        { "429-milliseconds", "Temporary", "nothing" },
        { "429-date", "Temporary", "nothing" },
        { "429-quota", "Settings", "nothing" },
        { "500", "Temporary", "nothing" },
        { "502-html", "Temporary", "nothing" },
        { "503", "Temporary", "nothing" },
        { "503-seconds", "Temporary", "nothing" },
        { "504", "Temporary", "nothing" },
        { "529", "Temporary", "nothing" },
        { "error-in-200", "Temporary", "nothing" },
        { "credit-in-200", "Settings", "nothing" },
        { "html-in-200", "Temporary", "nothing" },
        { "parts", Whole, "answered" },
        { "content-null", "", "answered" },
        { "content-empty", "", "answered" },
        { "content-filter", "", "answered" },
        { "refusal", "I can't help with that.", "answered" },
        { "tool-call", "", "answered" },
        { "truncated", Cut, "answered" },
        { "no-usage", Whole, "answered" },
        { "no-model", Whole, "answered" },
        { "reasoning-field", Whole, "answered" },
        { "reasoning-only", Whole, "answered" },
        { "reasoning-tags", Whole, "answered" },
        { "finish-null", Whole, "answered" },
        { "finish-eos", Whole, "answered" },
        { "no-choices", "Temporary", "answered" },
        { "events", Whole, "answered" },
        { "wrong-type", Whole, "answered" },
        { "drip", Whole, "answered" },
        { "invalid-json", "Temporary", "lost" },
        { "cut", "Temporary", "lost" },
        { "reset", "Temporary", "lost" },
        { "endless", "Temporary", "lost" },
        { "huge", "Temporary", "lost" },
    };

    [Fact]
    public void Every_fault_stands_in_the_table() =>
        Assert.Equal(FaultKind.All.Select(kind => kind.Name).Order(), Faults.Select(row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_what_its_name_says(string fault, string expected, string owed)
    {
        await using var run = await TeacherRun.WithFaultAsync(fault);
        var whole = (await new SolverTeacher(SolverStrength.Expert).AskAsync(TeacherRun.Request(), TeacherRun.Cancelled)).Response;
        var attempt = await run.CallAsync(TeacherRun.Request(), fault == "endless" ? TimeSpan.FromSeconds(1) : null);
        if (attempt.Fault is { } met)
        {
            Assert.Equal(expected, met.ToString());
        }
        else
        {
            var text = expected switch { Whole => whole, Cut => whole[..(whole.Length / 2)], _ => expected };
            Assert.Equal(text, attempt.Text[..Math.Min(text.Length, attempt.Text.Length)]);
            Assert.True(text.Length > 0 || attempt.Text.Length == 0);
        }

        var row = await run.RowWhenAsync(row => row.Answered + row.Lost + row.Failed == 1 && (owed == "answered") == (row.Answered == 1));
        Assert.Equal(owed, row.Answered == 1 ? "answered" : row.Lost == 1 ? "lost" : "nothing");
    }

    [Theory]
    [InlineData("429-seconds", 7)]
    [InlineData("429-milliseconds", 7)]
    [InlineData("503-seconds", 7)]
    public async Task A_pause_is_asked_for_in_the_callers_time(string fault, double seconds)
    {
        await using var run = await TeacherRun.StartAsync(new TeacherDescription
        {
            TimeScale = 10,
            Faults = [new FaultRule { Fault = fault, PauseSeconds = seconds * 10 }],
        });
        Assert.Equal(TimeSpan.FromSeconds(seconds), (await run.CallAsync(TeacherRun.Request())).RetryAfter);
    }
}
