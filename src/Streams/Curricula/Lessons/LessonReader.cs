using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// The trainer's end of the lesson channel: one reader. It remembers the last lesson taken and wakes the curriculum when there is room.
/// </summary>
internal sealed class LessonReader(ChannelReader<Lesson> lessons, Action<Lesson> taken) : ChannelReader<Lesson>
{
    /// <inheritdoc/>
    public override Task Completion => lessons.Completion;

    /// <inheritdoc/>
    public override bool CanCount => lessons.CanCount;

    /// <inheritdoc/>
    public override int Count => lessons.Count;

    /// <inheritdoc/>
    public override bool TryRead([MaybeNullWhen(false)] out Lesson item)
    {
        if (!lessons.TryRead(out item))
        {
            return false;
        }

        taken(item);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        lessons.WaitToReadAsync(cancellationToken);
}
