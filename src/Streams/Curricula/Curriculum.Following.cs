using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula;

/// <content>
/// After a kill: the lessons that were given after the checkpoint are given again as the log has them, each under the commands that were
/// in effect then, whatever commands have come since.
/// </content>
public sealed partial class Curriculum
{
    // Commands that came after the checkpoint, in order, and what those before the lesson at hand have decided.
    private readonly Queue<JournaledCommand> since = [];
    private Steering? followed;

    private Steering SteeringOfLesson => followed ?? state.Steering;

    // One move; what the log does not have is chosen.
    private bool Follow(LessonBook book, LoggedLessons logged)
    {
        if (logged.Next is not { } next || next.Ordinal != state.Progress.Lessons + 1 || options.Stages.IndexOf(next.Stage) < Stage)
        {
            return EndFollowing();
        }

        // Those of an earlier version, which did not write their lesson, came before all that is logged.
        while (since.TryPeek(out var command) && !(command.Lesson > next.Ordinal))
        {
            followed = Applied(since.Dequeue(), followed!);
        }

        if (next.Stage != state.Progress.Stage)
        {
            EnterStage(options.Stages.IndexOf(next.Stage));
            return true;
        }

        var before = state.Progress.Lessons;
        var moved = next.Epoch == 0
            ? waiting.At(next.Place) is { } place && Teach(book, state.Progress, place)
            : next.Epoch < 0 ? Stage > 0 && GiveExplained(book, Stage, next.Place)
            : RepeatAs(book, next);
        if (state.Progress.Lessons > before)
        {
            logged.Advance();
        }

        // Settings of now may make no lesson of it: from here on lessons are chosen.
        return (moved && state.Progress.Lessons > before) || EndFollowing();
    }

    private bool RepeatAs(LessonBook book, LoggedLesson logged) => book.At(logged.Stage, logged.Place) is { } lesson
        && GiveAgain(lesson, logged.Place, state.Progress.Replay.At(logged));

    // What was not followed is forgotten, and chosen anew.
    private bool EndFollowing()
    {
        dropsAfter = log?.Next is null ? null : state.Progress.Lessons;
        (log, followed) = (null, null);
        return true;
    }
}
