namespace Orca.Serving.Batching;

/// <summary>The engine contradicts itself. It stops; nothing it says after this could be trusted.</summary>
public sealed class EngineInvariantException(string message) : Exception($"The engine's state is broken: {message}.")
{
    internal static void Require(bool holds, FormattableString what)
    {
        if (!holds)
        {
            throw new EngineInvariantException(FormattableString.Invariant(what));
        }
    }
}
