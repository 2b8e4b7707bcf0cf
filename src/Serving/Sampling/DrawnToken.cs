using Orca.Serving.Requests;

namespace Orca.Serving.Sampling;

/// <summary>A token that was drawn.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Logprob">How likely the student found it, where that was asked for; null otherwise.</param>
internal readonly record struct DrawnToken(int Token, TokenLogprob? Logprob);
