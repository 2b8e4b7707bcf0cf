using System.Collections.Immutable;

namespace Orca.Serving.Requests;

/// <summary>A prompt's tokens in one language.</summary>
/// <param name="Language">Identity of the language.</param>
/// <param name="Tokens">The tokens.</param>
/// <param name="FirstScored">
/// Position of the first token that is scored where the prompt is: nothing comes before the first, so 1 at least.
/// </param>
internal sealed record EncodedPrompt(string Language, ImmutableArray<int> Tokens, int FirstScored = 1);
