using System.Collections.Concurrent;

namespace Orca.Serving.Batching;

/// <summary>How many tokens' keys and values each version has in the cache. Written by the engine's thread alone; read by anyone.</summary>
internal sealed class CacheLedger
{
    private readonly ConcurrentDictionary<long, long> tokens = new();

    /// <summary>Tokens that a version computed and the cache holds.</summary>
    public long TokensOf(long version) => tokens.GetValueOrDefault(version);

    /// <summary>So many more; below 0: fewer.</summary>
    public void Add(long version, int count)
    {
        if (count != 0 && tokens.AddOrUpdate(version, static (_, first) => first, static (_, before, more) => before + more, count) == 0)
        {
            tokens.TryRemove(version, out _);
        }
    }
}
