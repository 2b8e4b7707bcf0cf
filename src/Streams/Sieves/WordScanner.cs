using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>
/// Cuts a text into words: runs of letters and digits, in lower case and without full-width forms; of scripts that put no spaces
/// between words, each character. A word is told as a hash, the same in every run and on every machine.
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

    /// <summary>What a question consists of, see <see cref="QuestionPrint"/>.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="words">Where its words go: as long as the text is always enough.</param>
    /// <param name="tokens">Where its words and signs go: as long as the text is always enough.</param>
    public static QuestionPrint ReadQuestion(ReadOnlySpan<char> text, Span<ulong> words, Span<ulong> tokens)
    {
        var (count, all, firstEnd, lastStart, end) = (0, 0, 0, 0, 0);
        var numbers = Seed;
        for (var index = 0; index < text.Length;)
        {
            var kind = Characters.KindOf(text[index]);
            if (kind != CharacterKind.None)
            {
                // What stands before the last end of a sentence that words come after.
                lastStart = end < all ? lastStart : end;
                var isNumber = char.IsDigit(text[index]);
                var word = HashAt(text, kind, ref index);
                (words[count++], tokens[all++]) = (word, word);
                numbers = isNumber ? (numbers ^ word) * Factor : numbers;
                continue;
            }

            var sign = Characters.Folded(text[index++]);
            if (CharacterTable.IsDash(sign) ? IsBeforeDigit(text, index) : CharacterTable.IsSign(sign))
            {
                tokens[all++] = sign;
                numbers = CharacterTable.IsBracket(sign) ? numbers : (numbers ^ sign) * Factor;
            }
            else if (CharacterTable.EndsSentence(sign) && IsAtEnd(text, index))
            {
                end = all;
                firstEnd = firstEnd == 0 ? all : firstEnd;
            }
        }

        return new QuestionPrint(count, all, firstEnd, lastStart, numbers);
    }

    private static bool IsAtEnd(ReadOnlySpan<char> text, int index) =>
        index == text.Length || text[index - 1] is '\n' or > '~' || char.IsWhiteSpace(text[index]);

    private static bool IsBeforeDigit(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && char.IsWhiteSpace(text[index]))
        {
            index++;
        }

        return index < text.Length && char.IsDigit(text[index]);
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
