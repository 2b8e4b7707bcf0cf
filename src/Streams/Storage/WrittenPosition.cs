namespace Orca.Streams.Storage;

/// <summary>How far collecting has come by a verdict, told while it is written, in the order of the writes.</summary>
/// <param name="Reach">Gives what <see cref="TraceStore.Position"/> is from then on; null leaves it. On the writer's thread.</param>
/// <param name="Lose">Called on the writer's thread, before anything else is written, where the verdict could not be.</param>
public sealed record WrittenPosition(Func<string?> Reach, Action Lose)
{
    /// <summary>A position that is known beforehand.</summary>
    public static WrittenPosition Of(string position) => new(() => position, () => { });
}
