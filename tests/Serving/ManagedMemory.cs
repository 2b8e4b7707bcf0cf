using System.Runtime.CompilerServices;

namespace Orca.Serving.Tests;

/// <summary>
/// What objects take on the collector's heap. Earlier tests' servers may still be ending, and what they give up in between would be
/// counted too: so it is measured several times. Needs the collection <see cref="Alone"/>.
/// </summary>
internal static class ManagedMemory
{
    private const int Rounds = 5;

    /// <summary>The median of the bytes that each of five results keeps alive.</summary>
    public static long TakenBy(Func<object> make)
    {
        var taken = Enumerable.Range(0, Rounds).Select(_ => TakenOnce(make)).Order().ToArray();
        return taken[Rounds / 2];
    }

    /// <summary>Bytes alive after a full collection.</summary>
    public static long Settled()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // A method of its own, so that no local of the caller's keeps a round's objects alive in the next one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long TakenOnce(Func<object> make)
    {
        var before = Settled();
        var made = make();
        var taken = Settled() - before;
        GC.KeepAlive(made);
        return taken;
    }
}
