using Orca.Serving.Requests;

namespace Orca.Serving.Engine;

/// <summary>A request in flight, at one moment.</summary>
/// <param name="Id">Its name among its caller's.</param>
/// <param name="State">What it does.</param>
/// <param name="Version">The version that computes it; null while it waits to begin.</param>
/// <param name="PromptTokens">Tokens of its prompt.</param>
/// <param name="CachedPromptTokens">Those of them that were found in the cache.</param>
/// <param name="CompletionTokens">Tokens of its answers so far.</param>
/// <param name="Samples">Answers it asks for.</param>
/// <param name="Caller">Name of the key or certificate it came with.</param>
/// <param name="Tenant">Whose it is among its caller's.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Age">Time since it came.</param>
public sealed record RequestSnapshot(
    string Id, RequestState State, long? Version, int PromptTokens, int CachedPromptTokens, int CompletionTokens, int Samples,
    string Caller, string Tenant, Priority Priority, TimeSpan Age);

/// <summary>What a request does.</summary>
public enum RequestState
{
    /// <summary>It waits to begin.</summary>
    Waiting,

    /// <summary>Its prompt is computed.</summary>
    Prefill,

    /// <summary>Its answer is computed.</summary>
    Decode,

    /// <summary>It lost its place to others, and is computed again when there is room.</summary>
    Preempted,
}
