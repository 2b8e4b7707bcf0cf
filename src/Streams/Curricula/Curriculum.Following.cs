using Orca.Streams.Bus;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula;

/// <content>
/// After a kill: the lessons that were given after the checkpoint are given again as the log has them, whatever commands have come since.
/// </content>
public sealed partial class Curriculum
{
    // One move; what the log does not have is chosen.
    private bool Follow(LessonBook book, LoggedLessons logged)
    {
        if (logged.Next is not { } next || next.Ordinal != state.Progress.Lessons + 1 || options.Stages.IndexOf(next.Stage) < Stage)
        {
            return EndFollowing();
        }

        if (next.Stage != state.Progress.Stage)
        {
            EnterStage(options.Stages.IndexOf(next.Stage));
            return true;
        }

        var before = state.Progress.Lessons;
        var moved = next.Turn == 0
            ? waiting.At(next.Place) is { } place && Teach(book, state.Progress, place)
            : RepeatAs(book, next);
        if (state.Progress.Lessons > before)
        {
            logged.Advance();
        }

        // Settings of now may make no lesson of it: from here on lessons are chosen.
        return (moved && state.Progress.Lessons > before) || EndFollowing();
    }

    // Those before it in its epoch were left out then.
    private bool RepeatAs(LessonBook book, LoggedLesson logged)
    {
        while (state.Progress.Replay.Next(state.Progress.Fresh, MaxReuses, 1) is { } epoch && epoch.Epoch <= logged.Turn)
        {
            var place = PlaceOf(epoch.Low + OrderOf(Stage, epoch)[epoch.Position]);
            epoch = epoch with { Position = epoch.Position + 1 };
            if (epoch.Epoch == logged.Turn && place == logged.Place && book.At(logged.Stage, place) is { } lesson)
            {
                return GiveAgain(lesson, place, epoch);
            }

            Skip(state.Progress with { Replay = epoch });
        }

        return false;
    }

    // What was not followed is forgotten, and chosen anew.
    private bool EndFollowing()
    {
        dropsAfter = log?.Next is null ? null : state.Progress.Lessons;
        log = null;
        return true;
    }
}
