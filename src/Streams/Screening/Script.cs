namespace Orca.Streams.Screening;

/// <summary>Writing systems, as far as an answer's language can be told by them.</summary>
internal enum Script : byte
{
    /// <summary>Digits, signs and whatever stands in every script.</summary>
    None,
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Thai,
    Lao,
    Tibetan,
    Burmese,
    Georgian,
    Hangul,
    Ethiopic,
    Khmer,
    Mongolian,
    Kana,
    Han,

    /// <summary>Any other.</summary>
    Other,
}

/// <summary>Tells scripts by ranges of code points (Unicode 16, Blocks.txt).</summary>
internal static class Scripts
{
    // First code point of each range; it ends where the next begins.
    private static readonly (char First, Script Script)[] Ranges =
    [
        ('\u0000', Script.None), ('A', Script.Latin), ('[', Script.None), ('a', Script.Latin), ('{', Script.None), ('\u00C0', Script.Latin),
        ('\u02B0', Script.None), ('\u0370', Script.Greek), ('\u0400', Script.Cyrillic), ('\u0530', Script.Armenian),
        ('\u0590', Script.Hebrew), ('\u0600', Script.Arabic), ('\u0700', Script.Other), ('\u0750', Script.Arabic),
        ('\u0780', Script.Other), ('\u0870', Script.Arabic), ('\u0900', Script.Devanagari), ('\u0980', Script.Bengali),
        ('\u0A00', Script.Gurmukhi), ('\u0A80', Script.Gujarati), ('\u0B00', Script.Other), ('\u0B80', Script.Tamil),
        ('\u0C00', Script.Telugu), ('\u0C80', Script.Kannada), ('\u0D00', Script.Malayalam), ('\u0D80', Script.Sinhala),
        ('\u0E00', Script.Thai), ('\u0E80', Script.Lao), ('\u0F00', Script.Tibetan), ('\u1000', Script.Burmese),
        ('\u10A0', Script.Georgian), ('\u1100', Script.Hangul), ('\u1200', Script.Ethiopic), ('\u13A0', Script.Other),
        ('\u1780', Script.Khmer), ('\u1800', Script.Mongolian), ('\u18B0', Script.Other), ('\u1C90', Script.Georgian),
        ('\u1CC0', Script.Other), ('\u1D00', Script.None), ('\u1E00', Script.Latin), ('\u1F00', Script.Greek), ('\u2000', Script.None),
        ('\u2C00', Script.Other), ('\u2D00', Script.Georgian), ('\u2D30', Script.Other), ('\u2D80', Script.Ethiopic),
        ('\u2DE0', Script.Cyrillic), ('\u2E00', Script.None), ('\u2E80', Script.Han), ('\u3000', Script.None), ('\u3041', Script.Kana),
        ('\u3100', Script.Han), ('\u3130', Script.Hangul), ('\u3190', Script.Han), ('\u31F0', Script.Kana), ('\u3200', Script.None),
        ('\u3400', Script.Han), ('\u4DC0', Script.None), ('\u4E00', Script.Han), ('\uA000', Script.Other), ('\uA640', Script.Cyrillic),
        ('\uA6A0', Script.Other), ('\uA700', Script.None), ('\uA722', Script.Latin), ('\uA800', Script.Other), ('\uA960', Script.Hangul),
        ('\uA980', Script.Other), ('\uAC00', Script.Hangul), ('\uD800', Script.None), ('\uF900', Script.Han), ('\uFB00', Script.Latin),
        ('\uFB13', Script.Armenian), ('\uFB1D', Script.Hebrew), ('\uFB50', Script.Arabic), ('\uFE00', Script.None),
        ('\uFE70', Script.Arabic), ('\uFEFF', Script.None), ('\uFF21', Script.Latin), ('\uFF3B', Script.None), ('\uFF41', Script.Latin),
        ('\uFF5B', Script.None), ('\uFF66', Script.Kana), ('\uFFA0', Script.Hangul), ('\uFFE0', Script.None),
    ];

    /// <summary>The script of a letter; <see cref="Script.None"/> for what is no letter, and for half a surrogate pair.</summary>
    public static Script Of(char letter)
    {
        var (low, high) = (0, Ranges.Length);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = letter < Ranges[middle].First ? (low, middle) : (middle, high);
        }

        return Ranges[low].Script;
    }

    /// <summary>The script of a character beyond the basic plane, of which the rarer Chinese signs alone are told.</summary>
    public static Script OfPair(char high) => high is >= '\uD840' and <= '\uD888' ? Script.Han : Script.None;
}
