namespace Orca.Serving.Admission;

/// <summary>How fast the engine has lately been, measured over the time it spent on each kind of step.</summary>
/// <param name="PrefillTokensPerSecond">Tokens of prompts a second, above 0.</param>
/// <param name="DecodeTokensPerSecond">Tokens of all answers together a second, above 0.</param>
/// <param name="SecondsPerToken">Time between two tokens of one answer.</param>
/// <param name="HasFreePlace">Whether it would take another request at once.</param>
internal readonly record struct WorkRates(
    double PrefillTokensPerSecond, double DecodeTokensPerSecond, double SecondsPerToken, bool HasFreePlace);
