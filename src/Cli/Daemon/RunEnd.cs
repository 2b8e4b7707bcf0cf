using Orca.Cli.Commands;
using Orca.Streams.Collecting;
using Orca.Streams.Storage;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>What a start says when it has ended, and its exit code: one that did nothing does not end as if it had.</summary>
/// <param name="Line">The last line.</param>
/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
internal sealed record RunEnd(string Line, int ExitCode)
{
    /// <summary>The end of a training.</summary>
    public static RunEnd Of(TrainingSummary training) => training is { Steps: 0, End: TrainingEnd.LessonsEnded }
        ? new RunEnd("no step was made: there was no lesson; collect first, or look at what was rejected", ExitCodes.Failed)
        : new RunEnd(
            $"{training.Steps} steps made, ended by {Reason(training.End)}; last checkpoint {training.LastCheckpoint ?? "none"}",
            ExitCodes.Done);

    /// <summary>The end of a run that collects and does not train.</summary>
    /// <param name="end">Why it ended; null where the teacher or something else failed, which is told apart.</param>
    /// <param name="goal">What was asked for.</param>
    /// <param name="now">What this start did.</param>
    /// <param name="held">What the store holds.</param>
    public static RunEnd Of(CollectionEnd? end, CollectionGoal goal, PipelineStatistics now, StoreCounts held)
    {
        var accepted = (held.Accepted == 0 ? "no trace" : held.Accepted == 1 ? "1 trace" : $"{held.Accepted} traces") + " accepted"
            + (goal.Accept is { } wanted ? $" of {wanted}" : "") + (held.Accepted > 0 ? $" ({now.Kept} now)" : "");
        var line = $"{accepted}: {Reason(end, goal)}{Rejected(now)}{(now.Failed > 0 ? $"; {now.Failed} left out" : "")}"
            + (now.Known > 0 ? $"; {now.Known} not asked, the student knew them" : "")
            + string.Concat(now.LeftOutBySieve.Select(pair => $"; {pair.Value} not asked, {pair.Key}"))
            + (now.Postponed > 0 ? $"; {now.Postponed} not answered, asked again in the next start" : "");
        return new RunEnd(line, IsDone(end, goal, now, held) ? ExitCodes.Done : ExitCodes.Failed);
    }

    // Where a number was asked for, that number tells; else whether what was asked led to anything.
    private static bool IsDone(CollectionEnd? end, CollectionGoal goal, PipelineStatistics now, StoreCounts held) =>
        end switch
        {
            null => false,
            CollectionEnd.Cancelled => true,
            _ when goal.Accept is { } wanted => held.Accepted >= wanted,
            CollectionEnd.BudgetSpent or CollectionEnd.StageBudgetSpent or CollectionEnd.OutOfTime => now.Kept > 0,
            _ => now.Kept > 0 || (held.Accepted > 0 && now.Rejected + now.Failed == 0),
        };

    private static string Rejected(PipelineStatistics now) => now.Rejected == 0
        ? ""
        : "; " + string.Join(", ", now.RejectedByScreen.Select(pair => $"{pair.Value} rejected by {pair.Key}"));

    /// <summary>Why collecting ended, as a part of a sentence.</summary>
    public static string Reason(CollectionEnd? end, CollectionGoal goal) => end switch
    {
        CollectionEnd.GoalReached => "that is what was asked for",
        CollectionEnd.CandidatesUsedUp => $"{goal.Candidates} candidates have come to an end",
        CollectionEnd.QuestionsUsedUp => "there are no more questions",
        CollectionEnd.BudgetSpent => "the budget is used up",
        CollectionEnd.StageBudgetSpent => "the stage's budget is used up",
        CollectionEnd.StagesFilled => "the stages take no more",
        CollectionEnd.Cancelled => "ended by request",
        CollectionEnd.OutOfTime => "its time is over (run.maxMinutes)",
        _ => "given up",
    };

    private static string Reason(TrainingEnd end) => end switch
    {
        TrainingEnd.MaxSteps => "its limit of steps",
        TrainingEnd.MaxDuration => "its limit of time",
        TrainingEnd.LessonsEnded => "the end of the lessons",
        _ => "request",
    };
}
