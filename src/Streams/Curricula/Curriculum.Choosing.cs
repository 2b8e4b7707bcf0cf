using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <content>Which lesson comes next. On the loop alone.</content>
public sealed partial class Curriculum
{
    // Of a teacher whose traces come in the order of their tasks: lessons are chosen among so many, so that which they are depends on
    // the tasks alone.
    private const int Window = 32;

    private readonly List<LoggedLesson> unlogged = [];
    private LoggedLessons? log;
    private MixtureShares? shares;
    private Mixture? drawnMixture;
    private long? dropsAfter;
    private Lesson? ready;
    private int wanted;

    private MixturePolicy Policy => state.Steering.Policy ?? options.Policy;

    private LessonPacing Pacing => PacingOf(state.Steering.Pacing ?? options.Pacing);

    private MixtureShares Shares => shares ??= new MixtureShares(
        state.Steering.Mixture, Policy, new MixtureView(collecting.Sizes, state.Progress.Gains));

    // A command may be of a start that asked the student: one that does not would never go on.
    private LessonPacing PacingOf(LessonPacing pacing) =>
        options.Steerable.AsksStudent ? pacing : pacing with { NextAtAccuracy = null };

    private Mixture DrawnMixture() => drawnMixture ??= Shares.ForDraws(
        collecting.Collections.ToImmutableDictionary(
            name => name, name => collecting.Tasks.GetValueOrDefault(name, ImmutableSortedSet<string>.Empty)));

    private void ForgetShares() => (shares, drawnMixture) = (null, null);

    // Gives out a lesson where one is wanted; false where there is nothing to do but wait for a message.
    private async Task<bool> AdvanceAsync()
    {
        if (book is null)
        {
            return CountTaken(Stage);
        }

        var moved = false;
        while (wanted > 0 && ready is null && Choose(book))
        {
            moved = true;
        }

        if (ready is { } lesson)
        {
            ready = null;
            await GiveOutAsync(lesson);
        }

        return moved;
    }

    // Nobody is taught: what is accepted has had its turn, so a stage lasts as many traces as it has lessons.
    private bool CountTaken(int stage)
    {
        var (progress, length) = (state.Progress, options.Stages[stage].Lessons);
        var taken = Math.Min(accepted[stage], length ?? long.MaxValue);
        if (taken > progress.Fresh)
        {
            MoveTo(state with { Progress = progress with { Reached = taken, Fresh = taken, FreshInOrder = taken, StageLessons = taken } });
            return true;
        }

        return (taken == length || supply[stage] == TraceSupply.UsedUp) && LeaveStage(stage);
    }

    // One move; false where there is nothing to do but wait.
    private bool Choose(LessonBook book)
    {
        var (stage, progress, steering) = (Stage, state.Progress, state.Steering);
        if (steering.Paused.HasFlag(PausedWork.Training))
        {
            return false;
        }

        if (log is not null)
        {
            return Follow(book, log);
        }

        if (steering.StageAsked is { } asked && options.Stages.IndexOf(asked) > stage)
        {
            EnterStage(options.Stages.IndexOf(asked));
            return true;
        }

        if (progress.StageLessons >= options.Stages[stage].Lessons || HasFlattened(stage))
        {
            return LeaveStage(stage);
        }

        if (progress.Replay.Due >= 1 && options.Stages[stage].IsPractice)
        {
            return ReplayExplained(book, stage);
        }

        if (progress.Replay.Due >= 1 && NextEpoch(stage) is { } due)
        {
            return Repeat(book, stage, due);
        }

        var isOpen = supply[stage] == TraceSupply.Open;
        var isPaused = steering.Paused.HasFlag(PausedWork.Collecting);
        var (heads, isFull) = Waiting(stage, isOpen);
        if (heads.Count > 0 && (isFull || !isOpen || isPaused || !inOrder[stage]))
        {
            return TeachFresh(book, heads);
        }

        // A teacher whose order counts is waited for.
        if (isPaused || (inOrder[stage] && isOpen))
        {
            LetHeldGo();
            return false;
        }

        if (NextEpoch(stage) is { } epoch)
        {
            return Repeat(book, stage, epoch);
        }

        LetHeldGo();
        return supply[stage] == TraceSupply.UsedUp && LeaveStage(stage);
    }

    private (List<TaskHead> Heads, bool IsFull) Waiting(int stage, bool isOpen)
    {
        var progress = state.Progress;
        var pacing = Pacing;

        // What is left at the end is taught whatever the student knows: nothing is lost.
        pacing = isOpen && !options.Stages[stage].IsPractice ? pacing : pacing.AtTheEnd;
        bool IsPaced(AcceptedPlace trace) =>
            (trace.Difficulty is not { } difficulty || !(difficulty > progress.Pace.MaxOf(pacing, students, trace.Collection, trace.Task)))
            && (pacing.MaxTokens is not { } most || !(book!.At(progress.Stage, trace.Place)?.Length > most));

        return inOrder[stage]
            ? waiting.FirstHeads(Shares.MayBeTaught, IsPaced, Math.Min(Window, options.LessonCapacity))
            : (waiting.Heads(Shares.MayBeTaught, IsPaced), true);
    }

    private bool TeachFresh(LessonBook book, List<TaskHead> heads)
    {
        var progress = state.Progress;
        var random = SeededRandom.Of(options.Seed, progress.Lessons, progress.Dropped);
        var isEven = Shares.EvenShare > 0 && random.NextDouble() < Shares.EvenShare;
        var chosen = LessonChoice.Of(heads, isEven ? Shares.EvenWeightOf : Shares.WeightOf, random);
        if (Shares.EvenShare > 0)
        {
            var isByTask = !progress.Gains.HasCollections;
            progress = progress with
            {
                Gains = progress.Gains.WithChoice(new MixtureArm(chosen.Collection, isByTask ? chosen.Task : null), isEven),
            };
        }

        return Teach(book, progress, chosen);
    }

    private bool Teach(LessonBook book, LessonProgress progress, AcceptedPlace chosen)
    {
        var lesson = book.At(progress.Stage, chosen.Place);
        LetGo(chosen);
        progress = progress.WithTaken(chosen.Place);
        if (lesson is null)
        {
            return Skip(progress with { Dropped = progress.Dropped + 1 });
        }

        freshPlaces.Add(chosen.Place);
        return Give(lesson with { Difficulty = chosen.Difficulty }, chosen.Place, new ReplayProgress(), progress with
        {
            Fresh = progress.Fresh + 1,
            StageLessons = progress.StageLessons + 1,
            Replay = progress.Replay with
            {
                Due = progress.Replay.Due + (options.Stages[Stage].IsPractice ? options.PracticeReplay : ReplayRatio),
            },
        });
    }

    private bool Skip(LessonProgress progress)
    {
        MoveTo(state with { Progress = progress });
        return true;
    }

    private bool Give(Lesson lesson, long place, ReplayProgress epoch, LessonProgress progress)
    {
        progress = progress with { Lessons = progress.Lessons + 1, Hash = HashOf(progress.Hash, lesson) };
        ready = lesson with { Ordinal = progress.Lessons, Progress = progress };
        if (log is null)
        {
            unlogged.Add(new LoggedLesson(progress.Lessons, progress.Stage, place)
            {
                Epoch = epoch.Epoch,
                Low = epoch.Low,
                High = epoch.High,
                Position = epoch.Position,
            });
        }

        wanted--;
        MoveTo(state with { Progress = progress });
        return true;
    }

    // Where a trainer tells when a step has its lessons, they are written then, all at once; else each before it is given.
    private async Task GiveOutAsync(Lesson lesson)
    {
        if (step == 0)
        {
            await LogAsync();
        }

        await lessons.Writer.WriteAsync(lesson);
        NoteLessons();
    }

    // Before anything is made of them. Where that fails they are taught all the same, and written with the next ones: a full disk stops no
    // training, and what a kill then costs is that they are chosen anew.
    private async Task LogAsync()
    {
        try
        {
            if (dropsAfter is { } after)
            {
                await store.DropLessonsAsync(after);
                dropsAfter = null;
            }

            if (unlogged.Count > 0)
            {
                await store.LogAsync([.. unlogged]);
                unlogged.Clear();
            }
        }
        catch (TraceStoreException)
        {
        }
    }

    private static ulong HashOf(ulong before, Lesson lesson)
    {
        var hash = new XxHash3((long)before);
        hash.Append(Encoding.UTF8.GetBytes(lesson.RequestId));
        hash.Append(MemoryMarshal.AsBytes(lesson.PromptTokens.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes(lesson.HintedPromptTokens.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes(lesson.AnswerTokens.AsSpan()));
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        hash.GetCurrentHash(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
