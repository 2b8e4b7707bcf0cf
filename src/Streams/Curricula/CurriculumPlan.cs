using Orca.Streams.Bus;

namespace Orca.Streams.Curricula;

/// <summary>What the curriculum does next.</summary>
internal enum CurriculumMove
{
    /// <summary>Teach the next trace that has not been taught.</summary>
    Fresh,

    /// <summary>Teach a trace again.</summary>
    Again,

    /// <summary>Go on to the next stage.</summary>
    NextStage,

    /// <summary>There is nothing more to teach.</summary>
    Finish,

    /// <summary>Wait for a trace, a command, or the end of the tasks.</summary>
    Wait,

    /// <summary>As <see cref="Wait"/>, or until the trainer has nearly run out of lessons.</summary>
    WaitUntilLow,
}

/// <summary>What the stage's traces allow.</summary>
/// <param name="Accepted">Accepted traces of the stage.</param>
/// <param name="Supply">Whether further ones may come.</param>
/// <param name="InOrder">Whether the order must depend on the tasks alone: then a slow teacher is waited for.</param>
/// <param name="IsLow">Whether the trainer has nearly run out of lessons.</param>
/// <param name="Paused">Whether a pause is in force.</param>
internal readonly record struct StageView(long Accepted, TraceSupply Supply, bool InOrder, bool IsLow, bool Paused);

/// <summary>Decides what is taught next: a function of the progress and of what is there.</summary>
internal static class CurriculumPlan
{
    /// <summary>The next move, and for <see cref="CurriculumMove.Again"/> the epoch it belongs to.</summary>
    public static (CurriculumMove Move, ReplayProgress? Epoch) Next(
        CurriculumOptions options, int stage, LessonProgress progress, StageView view)
    {
        var isLast = stage == options.Stages.Length - 1;
        if (progress.StageLessons >= options.Stages[stage].Lessons)
        {
            return (isLast ? CurriculumMove.Finish : CurriculumMove.NextStage, null);
        }

        if (progress.Taken < view.Accepted)
        {
            return (CurriculumMove.Fresh, null);
        }

        var isOpen = view.Supply == TraceSupply.Open;
        if (view.Paused || (view.InOrder && isOpen))
        {
            return (CurriculumMove.Wait, null);
        }

        var epoch = progress.Replay.Next(progress.Taken, options.MaxReuses, isOpen ? options.MinReplay : 1);
        if (epoch is not null)
        {
            return !isOpen || view.IsLow ? (CurriculumMove.Again, epoch) : (CurriculumMove.WaitUntilLow, null);
        }

        return (view.Supply != TraceSupply.UsedUp ? CurriculumMove.Wait : isLast ? CurriculumMove.Finish : CurriculumMove.NextStage, null);
    }
}
