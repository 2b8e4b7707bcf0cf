using Orca.Streams.Storage;

namespace Orca.Streams.Tests.Support;

/// <summary>Looks once at what a store's calls have cost.</summary>
internal static class Account
{
    public static T Of<T>(string store, Func<StoredTraces, T> look)
    {
        using var traces = StoredTraces.Open(store);
        return look(traces);
    }
}
