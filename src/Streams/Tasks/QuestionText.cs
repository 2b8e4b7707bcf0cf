using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orca.Streams.Tasks;

/// <summary>
/// What is left of a question when nothing but its content counts: its letters, digits and signs, without case, full-width forms, white
/// space, quotation marks and the punctuation of sentences. Two questions are the same where these are.
/// </summary>
public static class QuestionText
{
    private const int LongestOnStack = 1024;
    private const char FirstFullWidth = '\uFF01';
    private const char LastFullWidth = '\uFF5E';
    private const char FullWidth = (char)(FirstFullWidth - '!');

    // Of sentences, quotations and mark-up, in Latin and Chinese texts.
    private static readonly SearchValues<char> Punctuation = SearchValues.Create(".,;:!?'\"`´‘’“”„«»…·_#。，、；：！？「」『』《》");

    /// <summary>What is left of a text; of one that is punctuation alone, that.</summary>
    public static string Of(string text)
    {
        var letters = new char[text.Length];
        return new string(letters.AsSpan(0, Write(text, letters)));
    }

    /// <summary>A hash of <see cref="Of"/>: the same in every run and on every machine.</summary>
    public static ulong KeyOf(string text)
    {
        var letters = text.Length <= LongestOnStack ? stackalloc char[LongestOnStack] : new char[text.Length];
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(letters[..Write(text, letters)]));
    }

    private static int Write(string text, Span<char> to) =>
        Write(text, to, withPunctuation: false) is > 0 and var length ? length : Write(text, to, withPunctuation: true);

    private static int Write(string text, Span<char> to, bool withPunctuation)
    {
        var length = 0;
        foreach (var sign in text)
        {
            if (char.IsLetterOrDigit(sign)
                || !(char.IsWhiteSpace(sign) || char.IsControl(sign) || (!withPunctuation && Punctuation.Contains(Narrow(sign)))))
            {
                to[length++] = char.ToLowerInvariant(Narrow(sign));
            }
        }

        return length;
    }

    private static char Narrow(char letter) => letter is >= FirstFullWidth and <= LastFullWidth ? (char)(letter - FullWidth) : letter;
}
