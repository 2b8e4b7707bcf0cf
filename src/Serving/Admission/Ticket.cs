using Orca.Serving.Requests;

namespace Orca.Serving.Admission;

/// <summary>A place in the queue.</summary>
/// <param name="item">What waits.</param>
/// <param name="tenant">Whose it is among its caller's.</param>
/// <param name="tokens">What it may cost: tokens of prompt and answer together.</param>
/// <param name="rank">Order among the tenant's own, smallest first: when it came, less what its priority is worth.</param>
internal sealed class Ticket<T>(T item, string tenant, long tokens, long rank)
{
    /// <summary>Time stamp after which it no longer waits, where nothing else says so.</summary>
    public const long Never = long.MaxValue;

    /// <summary>What waits.</summary>
    public T Item { get; } = item;

    /// <summary>Whose it is among its caller's.</summary>
    public string Tenant { get; } = tenant;

    /// <summary>Name of the caller's key or certificate; empty where there is none.</summary>
    public string Caller { get; init; } = "";

    /// <summary>What it may cost.</summary>
    public long Tokens { get; } = tokens;

    /// <summary>Order among the tenant's own, smallest first.</summary>
    public long Rank { get; } = rank;

    /// <summary>Tokens of the prompt among <see cref="Tokens"/>.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Time stamp after which it no longer waits.</summary>
    public long Expires { get; init; } = Never;

    /// <summary>Order of arrival, from the queue.</summary>
    public long Number { get; set; }

    /// <summary>Times another's was taken although this one's turn had come, since it did not fit.</summary>
    public int PassedOver { get; set; }

    /// <summary>
    /// The rank of something that came now. One level of priority is worth as much waiting as <paramref name="ageing"/>:
    /// nothing is overtaken by what comes later than that, a level more urgent though it be.
    /// </summary>
    /// <param name="now">Time stamp.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="ageing">Time stamps that a level is worth.</param>
    public static long RankOf(long now, Priority priority, long ageing) => now - ((long)priority * ageing);
}
