using System.Collections.Immutable;

namespace Orca.Model.Tokenization;

/// <summary>Encodes a text in which special tokens are written by name.</summary>
internal static class MarkedText
{
    /// <summary>Ids of a text; the leftmost special token goes first, and of several the longest.</summary>
    public static ImmutableArray<int> Encode(
        ITokenizer tokenizer, IReadOnlyDictionary<string, int> specials, string text, IReadOnlyList<TextSpan> literal)
    {
        var ids = ImmutableArray.CreateBuilder<int>(text.Length / 2);
        var names = specials.Where(special => special.Key.Length > 0).OrderByDescending(special => special.Key.Length).ToArray();
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            var found = names.FirstOrDefault(special =>
                text.AsSpan(at).StartsWith(special.Key, StringComparison.Ordinal)
                && !literal.Any(span => span.Touches(new TextSpan(at, special.Key.Length))));
            if (found.Key is null)
            {
                at++;
                continue;
            }

            ids.AddRange(tokenizer.Encode(text[start..at]));
            ids.Add(found.Value);
            start = at += found.Key.Length;
        }

        ids.AddRange(tokenizer.Encode(text[start..]));
        return ids.DrainToImmutable();
    }
}
