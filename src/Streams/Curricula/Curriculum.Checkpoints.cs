using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula;

/// <content>Its state in training checkpoints.</content>
public sealed partial class Curriculum
{
    /// <summary>
    /// The state after the last lesson that was read from <see cref="Lessons"/>, for the checkpoint of a trainer that keeps by itself what
    /// it has read and not trained. Call it where the lessons are read, between two reads.
    /// </summary>
    public byte[] Snapshot()
    {
        // What it says was given must be in the log: by that the next start knows in which order.
        Ask<bool>(done => new LogMessage(done));
        var progress = state.Progress;
        return new CurriculumState(
            SteeringOfLesson with { SettingsMixture = options.Mixture },
            lastTaken with { Gains = progress.Gains, Pace = progress.Pace, RolledBack = progress.RolledBack }).ToBytes();
    }

    /// <summary>
    /// Goes on from a snapshot; before <see cref="RunAsync"/>. Lessons given out after it are given out again, in the same order, as the
    /// store's log of lessons has them.
    /// </summary>
    /// <remarks>
    /// With another store than the snapshot's, what that one holds is taught from its beginning, in the snapshot's stage.
    /// </remarks>
    /// <exception cref="TaskFormatException">It is no snapshot, or its stage is not among the settings' stages.</exception>
    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        var (steering, progress) = CurriculumState.FromBytes(snapshot);
        progress = Fitting(progress);
        if (steering.SettingsMixture != options.Mixture)
        {
            steering = steering with { Mixture = options.Mixture, SettingsMixture = options.Mixture };
        }

        lastTaken = progress;
        MoveTo(new CurriculumState(steering, progress));
        RepeatJournal();
    }

    private LessonProgress Fitting(LessonProgress progress)
    {
        var stage = options.Stages.IndexOf(progress.Stage);
        if (stage < 0 && progress.Stage == TeacherRequest.PracticeStage)
        {
            // It was taught all that is before; without practice it goes on with what comes new.
            stage = options.Stages.Length - 1;
            return progress with
            {
                Stage = options.Stages[stage].Name,
                StageLessons = options.Stages[stage].Lessons ?? 0,
                Store = store.Id,
                Reached = accepted[stage],
                Left = [],
                Fresh = 0,
                FreshInOrder = 0,
                Replay = new ReplayProgress(),
            };
        }

        if (stage < 0)
        {
            throw new TaskFormatException(
                $"The checkpoint stands in the stage '{progress.Stage}', the settings name "
                    + $"{string.Join(", ", options.Stages.Select(known => known.Name))}; "
                + "name it again or start in another folder.");
        }

        return progress.Store == store.Id && progress.Reached <= accepted[stage] ? progress : progress with
        {
            Store = store.Id,
            Reached = 0,
            Left = ImmutableSortedSet<long>.Empty,
            Fresh = 0,
            FreshInOrder = 0,
            Replay = new ReplayProgress(),
        };
    }
}
