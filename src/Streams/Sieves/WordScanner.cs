using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>
/// Cuts a text into words: runs of letters and digits, in lower case and without full-width forms; of scripts that put no spaces between
/// words, each character. A word is told as a hash, the same in every run and on every machine.
/// </summary>
/// <remarks>Linear in the text, and without any memory of its own.</remarks>
internal static class WordScanner
{
    private const ulong Seed = 0x9E37_79B9_7F4A_7C15;
    private const ulong Factor = 0xFF51_AFD7_ED55_8CCD;

    private static readonly CharacterTable Characters = new();

    /// <summary>The words of a text in order.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="words">Where they go: as long as the text is always enough.</param>
    /// <returns>How many there are.</returns>
    public static int Read(ReadOnlySpan<char> text, Span<ulong> words)
    {
        var count = 0;
        for (var index = 0; index < text.Length;)
        {
            var kind = Characters.KindOf(text[index]);
            if (kind == CharacterKind.None)
            {
                index++;
                continue;
            }

            words[count++] = HashAt(text, kind, ref index);
        }

        return count;
    }

    /// <summary>The words of a text without what only numbers its parts, see <see cref="ListMarks"/>.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="words">Where they go: as long as the text is always enough.</param>
    /// <returns>How many there are, and how many letters and digits they have together.</returns>
    public static (int Count, int Letters) ReadContent(ReadOnlySpan<char> text, Span<ulong> words)
    {
        var (count, letters) = (0, 0);
        var marks = new ListMarks(text);
        for (var index = 0; index < text.Length;)
        {
            var kind = Characters.KindOf(text[index]);
            if (kind == CharacterKind.None)
            {
                marks.Pass(text[index++]);
                continue;
            }

            var start = index;
            var word = HashAt(text, kind, ref index);
            if (kind == CharacterKind.Whole || !marks.Contains(start, index))
            {
                words[count++] = word;
                letters += index - start;
            }
        }

        return (count, letters);
    }

    /// <summary>
    /// A hash of a text's words and of its signs of arithmetic and brackets, of texts that have little else; without what only numbers
    /// its parts.
    /// </summary>
    public static ulong SignedKey(ReadOnlySpan<char> text)
    {
        var marks = new ListMarks(text);
        var parts = new List<ulong>();
        for (var index = 0; index < text.Length;)
        {
            var kind = Characters.KindOf(text[index]);
            if (kind == CharacterKind.None)
            {
                if (CharacterTable.IsSign(Characters.Folded(text[index])))
                {
                    parts.Add(Characters.Folded(text[index]));
                }

                marks.Pass(text[index++]);
                continue;
            }

            var start = index;
            var word = HashAt(text, kind, ref index);
            if (kind == CharacterKind.Whole || !marks.Contains(start, index))
            {
                parts.Add(word);
                continue;
            }

            // The brackets around a mark go with it.
            if (start > 0 && parts.Count > 0 && parts[^1] == Characters.Folded(text[start - 1]))
            {
                parts.RemoveAt(parts.Count - 1);
            }

            if (index < text.Length && CharacterTable.IsSign(Characters.Folded(text[index])))
            {
                marks.Pass(text[index++]);
            }
        }

        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(parts)));
    }

    private static ulong HashAt(ReadOnlySpan<char> text, CharacterKind kind, ref int index)
    {
        var hash = (Seed ^ Characters.Folded(text[index++])) * Factor;
        if (kind == CharacterKind.Part)
        {
            while (index < text.Length && Characters.KindOf(text[index]) == CharacterKind.Part)
            {
                hash = (hash ^ Characters.Folded(text[index++])) * Factor;
                hash ^= hash >> 29;
            }
        }

        hash *= Seed;
        return hash ^ (hash >> 32);
    }
}
