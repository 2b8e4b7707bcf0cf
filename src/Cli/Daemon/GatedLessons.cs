using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Cli.Daemon;

/// <summary>Lessons that wait behind a gate, so that the untrained student can be examined before it learns anything.</summary>
/// <param name="lessons">The lessons.</param>
/// <param name="gate">Opens it when it completes.</param>
internal sealed class GatedLessons(ChannelReader<Lesson> lessons, Task gate) : ChannelReader<Lesson>
{
    public override Task Completion => lessons.Completion;

    public override bool CanCount => lessons.CanCount;

    public override int Count => lessons.Count;

    public override bool TryRead([MaybeNullWhen(false)] out Lesson item)
    {
        item = null;
        return gate.IsCompleted && lessons.TryRead(out item);
    }

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await lessons.WaitToReadAsync(cancellationToken);
    }
}
