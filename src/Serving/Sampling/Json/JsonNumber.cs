namespace Orca.Serving.Sampling.Json;

/// <summary>Numbers, byte by byte: of so many digits at most that each is finite and exact enough for anyone who reads it.</summary>
internal static class JsonNumber
{
    /// <summary>Digits before, and after, the point at most: every such whole number is exact in fp64.</summary>
    private const int MaxDigits = 15;

    private const int MaxExponentDigits = 2;

    /// <summary>Whether it may end here.</summary>
    public static bool MayEnd(Phase phase) => phase is Phase.Zero or Phase.Whole or Phase.Fraction or Phase.ExponentDigits;

    /// <summary>Takes the next byte; false where it may not come.</summary>
    public static bool TryAdvance(ref Frame frame, byte next, bool isInteger)
    {
        var isDigit = next is >= (byte)'0' and <= (byte)'9';
        var phase = frame.Phase switch
        {
            Phase.Start when next == '-' => Phase.Minus,
            Phase.Start or Phase.Minus when isDigit => next == '0' ? Phase.Zero : Phase.Whole,
            Phase.Whole when isDigit && frame.A < MaxDigits => Phase.Whole,
            Phase.Zero or Phase.Whole when next == '.' && !isInteger => Phase.Point,
            Phase.Point when isDigit => Phase.Fraction,
            Phase.Fraction when isDigit && frame.A < MaxDigits => Phase.Fraction,
            Phase.Zero or Phase.Whole or Phase.Fraction when next is (byte)'e' or (byte)'E' && !isInteger => Phase.Exponent,
            Phase.Exponent when next is (byte)'+' or (byte)'-' => Phase.ExponentSign,
            Phase.Exponent or Phase.ExponentSign when isDigit => Phase.ExponentDigits,
            Phase.ExponentDigits when isDigit && frame.A < MaxExponentDigits => Phase.ExponentDigits,
            _ => (Phase?)null,
        };
        if (phase is not { } reached)
        {
            return false;
        }

        frame.A = reached == frame.Phase ? frame.A + 1 : 1;
        frame.Phase = reached;
        return true;
    }
}
