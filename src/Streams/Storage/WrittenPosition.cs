namespace Orca.Streams.Storage;

/// <summary>How far collecting has come by a verdict, told while it is written, in the order of the writes.</summary>
/// <param name="Reach">
/// Tells what <see cref="TraceStore.Position"/> is from then on; null leaves it. What it returns is called once a group of writes, for
/// the last of them. Both on the writer's thread.
/// </param>
/// <param name="Lose">Called on the writer's thread, before anything else is written, where the verdict could not be.</param>
public sealed record WrittenPosition(Func<Func<string>?> Reach, Action Lose)
{
    /// <summary>A position that is known beforehand.</summary>
    public static WrittenPosition Of(string position) => new(() => () => position, () => { });
}
