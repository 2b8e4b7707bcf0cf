namespace Orca.Serving.Sampling.Json;

/// <summary>
/// What stands between a string's quotation marks, byte by byte: whole characters of UTF-8, and escapes of whole characters.
/// </summary>
internal static class JsonString
{
    /// <summary>Takes the next byte, which is no closing quotation mark; false where it may not come.</summary>
    /// <param name="frame">The string.</param>
    /// <param name="next">The byte.</param>
    /// <param name="countTo">Its characters are counted up to this.</param>
    public static bool TryAdvance(ref Frame frame, byte next, int countTo)
    {
        var phase = frame.Phase switch
        {
            Phase.Start => Begin(ref frame, next),
            Phase.Escape => next == 'u' ? Phase.Hex1 : "\"\\/bfnrt"u8.Contains(next) ? Phase.Start : null,
            Phase.Hex1 => IsHex(next) ? (next | 0x20) == 'd' ? Phase.Hex2NoSurrogate : Phase.Hex2 : null,
            Phase.Hex2 => IsHex(next) ? Phase.Hex3 : null,
            Phase.Hex2NoSurrogate => next is >= (byte)'0' and <= (byte)'7' ? Phase.Hex3 : null,
            Phase.Hex3 => IsHex(next) ? Phase.Hex4 : null,
            Phase.Hex4 => IsHex(next) ? Phase.Start : null,
            _ => Rest(ref frame, next),
        };
        if (phase is not { } reached)
        {
            return false;
        }

        frame.Phase = reached;
        frame.A = reached == Phase.Start ? Math.Min(frame.A + 1, countTo) : frame.A;
        return true;
    }

    private static Phase? Begin(ref Frame frame, byte next)
    {
        // Which bytes may follow the first keeps out what is longer than it need be, surrogates, and what is beyond U+10FFFF.
        frame.B = next switch
        {
            0xE0 => Bounds(0xA0, 0xBF),
            0xED => Bounds(0x80, 0x9F),
            0xF0 => Bounds(0x90, 0xBF),
            0xF4 => Bounds(0x80, 0x8F),
            >= 0xC2 => Bounds(0x80, 0xBF),
            _ => 0,
        };
        return next switch
        {
            (byte)'\\' => Phase.Escape,
            >= 0x20 and < 0x80 => Phase.Start,
            >= 0xC2 and <= 0xDF => Phase.Rest1,
            >= 0xE0 and <= 0xEF => Phase.Rest2,
            >= 0xF0 and <= 0xF4 => Phase.Rest3,
            _ => null,
        };
    }

    private static Phase? Rest(ref Frame frame, byte next)
    {
        if (next < frame.B >> 8 || next > (frame.B & 0xFF))
        {
            return null;
        }

        frame.B = frame.Phase == Phase.Rest1 ? 0 : Bounds(0x80, 0xBF);
        return frame.Phase switch { Phase.Rest3 => Phase.Rest2, Phase.Rest2 => Phase.Rest1, _ => Phase.Start };
    }

    private static int Bounds(int least, int most) => (least << 8) | most;

    private static bool IsHex(byte next) => char.IsAsciiHexDigit((char)next);
}
