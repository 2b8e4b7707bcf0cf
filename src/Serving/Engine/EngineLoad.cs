namespace Orca.Serving.Engine;

/// <summary>What an engine has to do, and has done since it began.</summary>
/// <param name="Running">Requests that have a slot.</param>
/// <param name="Waiting">Requests that wait for one.</param>
/// <param name="Steps">Steps computed.</param>
/// <param name="PromptTokens">Tokens prefilled.</param>
/// <param name="CompletionTokens">Tokens generated.</param>
public readonly record struct EngineLoad(int Running, int Waiting, long Steps, long PromptTokens, long CompletionTokens);
