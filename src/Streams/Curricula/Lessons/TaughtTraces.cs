using System.Collections.Immutable;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>The traces that a student had been taught when a checkpoint was written.</summary>
public static class TaughtTraces
{
    /// <summary>
    /// Of the stage under way then those that had been taken, of the stages before it all that are accepted; without a checkpoint's state
    /// all that are accepted.
    /// </summary>
    /// <param name="store">The run's store.</param>
    /// <param name="state">The curriculum's bytes in the checkpoint; null where there are none.</param>
    /// <param name="stages">The stages in order.</param>
    /// <exception cref="TaskFormatException">They are no such bytes.</exception>
    public static IEnumerable<StoredTrace> Of(StoredTraces store, byte[]? state, ImmutableArray<string> stages)
    {
        var accepted = store.Read(new TraceFilter { State = TraceState.Accepted });
        if (state is null)
        {
            return accepted;
        }

        var progress = CurriculumState.FromBytes(state).Progress;
        var current = stages.IndexOf(progress.Stage);
        return accepted.Where(trace => trace.Request.Stage == progress.Stage
            ? trace.Verdict?.Place is { } place && progress.HasTaken(place)
            : stages.IndexOf(trace.Request.Stage) < current);
    }
}
