using Orca.Streams.Bus;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Replay;

namespace Orca.Streams.Curricula;

/// <content>Lessons that are given again. On the loop alone.</content>
public sealed partial class Curriculum
{
    private readonly List<long> freshPlaces = [];
    private (int Stage, int Epoch, int[] Order)? shuffled;

    private double ReplayRatio => SteeringOfLesson.Replay.Ratio ?? options.ReplayRatio;

    private int? MaxReuses => SteeringOfLesson.Replay.MaxReuses ?? options.MaxReuses;

    // What the student said to practise is of the student that it was then: it is not taught again.
    private ReplayProgress? NextEpoch(int stage) => options.Stages[stage].IsPractice ? null : state.Progress.Replay.Next(
        state.Progress.Fresh, MaxReuses, supply[stage] == TraceSupply.Open ? options.MinReplay : 1);

    private bool Repeat(LessonBook book, int stage, ReplayProgress epoch)
    {
        var place = PlaceOf(epoch.Low + OrderOf(stage, epoch)[epoch.Position]);
        var lesson = place < 0 ? null : book.At(state.Progress.Stage, place);
        epoch = epoch with { Position = epoch.Position + 1 };
        return lesson is not null && Shares.MayBeTaught(lesson.Collection, lesson.Task)
            ? GiveAgain(lesson, place, epoch)
            : Skip(state.Progress with { Replay = epoch });
    }

    private bool GiveAgain(Lesson lesson, long place, ReplayProgress epoch) =>
        GiveAgain(lesson, place, epoch, epoch with { Lessons = epoch.Lessons + 1 });

    private bool GiveAgain(Lesson lesson, long place, ReplayProgress logged, ReplayProgress after) =>
        Give(lesson with { IsRepeated = true }, place, logged, state.Progress with
        {
            StageLessons = state.Progress.StageLessons + 1,
            Replayed = state.Progress.Replayed + 1,
            Replay = after.Settled(),
        });

    // Between lessons of practice: one of the stage before, any, so that what the student is compared with stays what it is.
    private bool ReplayExplained(LessonBook book, int stage)
    {
        var (count, progress) = (accepted[stage - 1], state.Progress);
        return (count > 0 && GiveExplained(book, stage, ReplayProgress.PlaceIn(count, progress.Replayed, options.Seed)))
            || Skip(progress with { Replay = progress.Replay.Settled() });
    }

    private bool GiveExplained(LessonBook book, int stage, long place) =>
        book.At(options.Stages[stage - 1].Name, place) is { } lesson && Shares.MayBeTaught(lesson.Collection, lesson.Task)
        && GiveAgain(lesson, place, ReplayProgress.OfStageBefore, state.Progress.Replay);

    // The place of a fresh lesson of this stage, by its number; -1 where the log does not tell.
    private long PlaceOf(long fresh) => fresh < state.Progress.FreshInOrder ? fresh
        : fresh - state.Progress.FreshInOrder < freshPlaces.Count ? freshPlaces[(int)(fresh - state.Progress.FreshInOrder)]
        : -1;

    private int[] OrderOf(int stage, ReplayProgress epoch)
    {
        if (shuffled is not { } known || known.Stage != stage || known.Epoch != epoch.Epoch)
        {
            known = (stage, epoch.Epoch, epoch.Order(options.Seed, stage));
            shuffled = known;
        }

        return known.Order;
    }
}
