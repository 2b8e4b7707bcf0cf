using System.Text.Unicode;

namespace Orca.Streams.Tasks.Records;

/// <summary>Whether bytes are a text.</summary>
internal static class Utf8Text
{
    /// <summary>Whether they are UTF-8, and no escape in them is half a character.</summary>
    public static bool IsValid(ReadOnlySpan<byte> json) => Utf8.IsValid(json) && !HasLoneSurrogate(json);

    // An escape of D800 to DFFF that is not one of a pair. Few texts have any.
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf("\\u"u8) is >= 0 and var at)
        {
            // An even number of backslashes before it: it is no escape.
            var before = json[..at].Length - json[..at].TrimEnd((byte)'\\').Length;
            if (before % 2 == 0 && UnitAt(json, at) is { } unit && char.IsSurrogate(unit))
            {
                if (!char.IsHighSurrogate(unit) || !json[(at + 6)..].StartsWith("\\u"u8)
                    || UnitAt(json, at + 6) is not { } low || !char.IsLowSurrogate(low))
                {
                    return true;
                }

                at += 6;
            }

            json = json[(at + 2)..];
        }

        return false;
    }

    private static char? UnitAt(ReadOnlySpan<byte> json, int at) =>
        json.Length >= at + 6 && ushort.TryParse(
            json.Slice(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit) ? (char)unit : null;
}
