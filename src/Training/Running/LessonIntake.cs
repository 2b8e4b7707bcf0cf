using System.Threading.Channels;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Packing;

namespace Orca.Training.Running;

/// <summary>
/// Takes lessons out of the channel until the packer has enough for a step. Used by the trainer's thread, which may block.
/// </summary>
internal sealed class LessonIntake(ChannelReader<Lesson> lessons, CancellationToken stop)
{
    private Task<bool>? more;

    /// <summary>The error the channel was completed with; null where it ended well or has not ended.</summary>
    public Exception? Error => lessons.Completion.IsFaulted ? lessons.Completion.Exception.InnerException : null;

    /// <summary>Blocks until the packer is ready, or one of the other outcomes comes first.</summary>
    /// <param name="packer">Gets the lessons.</param>
    /// <param name="interruptions">Each ends the wait for lessons, not the taking of those that are there.</param>
    public IntakeOutcome Fill(LessonPacker packer, IReadOnlyList<Task> interruptions)
    {
        while (!packer.IsReady)
        {
            if (stop.IsCancellationRequested)
            {
                return IntakeOutcome.Interrupted;
            }

            if (lessons.TryRead(out var lesson))
            {
                packer.Offer(lesson);
                continue;
            }

            more ??= lessons.WaitToReadAsync(stop).AsTask();
            if (Task.WaitAny([more, .. interruptions]) > 0)
            {
                return IntakeOutcome.Interrupted;
            }

            if (!more.IsCompletedSuccessfully)
            {
                return more.IsCanceled ? IntakeOutcome.Interrupted : IntakeOutcome.Ended;
            }

            if (!more.Result)
            {
                return IntakeOutcome.Ended;
            }

            more = null;
        }

        return IntakeOutcome.Ready;
    }
}

/// <summary>Why <see cref="LessonIntake.Fill"/> returned.</summary>
internal enum IntakeOutcome
{
    /// <summary>Enough lessons wait for a step.</summary>
    Ready,

    /// <summary>No lesson will ever come again.</summary>
    Ended,

    /// <summary>The run is to stop, or somebody wants something of the trainer.</summary>
    Interrupted,
}
