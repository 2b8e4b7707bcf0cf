using Orca.Model.Network;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Engine;

/// <summary>The version new requests are bound to, as other threads may know it: values only.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Language">What stands between texts and its tokens.</param>
/// <param name="Config">Its shape.</param>
/// <param name="ContextTokens">Tokens that prompt and answer may have together.</param>
/// <param name="Slots">Requests that run at once at most.</param>
internal sealed record ActiveStudent(long Version, StudentLanguage Language, LlamaConfig Config, int ContextTokens, int Slots);
