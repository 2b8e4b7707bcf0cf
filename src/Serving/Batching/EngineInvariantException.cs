using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orca.Serving.Batching;

/// <summary>The engine contradicts itself. It stops; nothing it says after this could be trusted.</summary>
public sealed class EngineInvariantException(string message) : Exception($"The engine's state is broken: {message}.")
{
    internal static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Complaint what)
    {
        if (!holds)
        {
            throw new EngineInvariantException(what.ToString());
        }
    }
}

/// <summary>A text that is put together only where it is needed: what always holds is asked for on every step, and costs nothing.</summary>
[InterpolatedStringHandler]
internal readonly ref struct Complaint
{
    private readonly StringBuilder? text;

    public Complaint(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        text = holds ? null : new StringBuilder(literalLength + (8 * formattedCount));
    }

    public void AppendLiteral(string part) => text!.Append(part);

    public void AppendFormatted<T>(T value) => text!.Append(CultureInfo.InvariantCulture, $"{value}");

    public override string ToString() => text?.ToString() ?? "";
}
