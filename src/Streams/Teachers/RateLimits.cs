namespace Orca.Streams.Teachers;

/// <summary>What an endpoint says of its quotas beside an answer; null where it does not.</summary>
/// <param name="Requests">Of requests.</param>
/// <param name="Tokens">Of tokens.</param>
public sealed record RateLimits(RateLimit? Requests, RateLimit? Tokens)
{
    /// <summary>It says nothing.</summary>
    public static RateLimits None { get; } = new(null, null);
}

/// <summary>A quota as an endpoint tells it.</summary>
/// <param name="Limit">What it allows; null where it does not say.</param>
/// <param name="Remaining">What is left of that; null where it does not say.</param>
/// <param name="Reset">Time until all of it is there again; null where it does not say.</param>
public sealed record RateLimit(double? Limit, double? Remaining, TimeSpan? Reset);
