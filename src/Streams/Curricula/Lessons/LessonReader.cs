using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// The trainer's end of the lesson channel: one reader. It remembers the last lesson taken, and asks the curriculum for one where none is
/// there: so a lesson is chosen when it is wanted, and not before.
/// </summary>
internal sealed class LessonReader(ChannelReader<Lesson> lessons, Action<Lesson> taken, Action want) : ChannelReader<Lesson>
{
    private bool isWanted;

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
            Want();
            return false;
        }

        isWanted = false;
        taken(item);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (lessons.Count == 0)
        {
            Want();
        }

        return lessons.WaitToReadAsync(cancellationToken);
    }

    private void Want()
    {
        if (!isWanted)
        {
            isWanted = true;
            want();
        }
    }
}
