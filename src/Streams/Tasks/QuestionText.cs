using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orca.Streams.Tasks;

/// <summary>
/// What is left of a question when nothing but its content counts: letters and digits, without case, full-width forms, white space and
/// punctuation. Two questions are the same where these are.
/// </summary>
/// <remarks>
/// Questions that differ in signs alone ("3 + 4", "3 - 4") count as one: what is decided by this must do no harm to the other.
/// </remarks>
public static class QuestionText
{
    private const int LongestOnStack = 1024;
    private const char FirstFullWidth = '\uFF01';
    private const char LastFullWidth = '\uFF5E';
    private const char FullWidth = (char)(FirstFullWidth - '!');

    /// <summary>The letters and digits of a text in lower case; of a text of signs alone, its signs.</summary>
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

    private static int Write(string text, Span<char> to)
    {
        var length = 0;
        foreach (var letter in text)
        {
            if (char.IsLetterOrDigit(letter))
            {
                to[length++] = char.ToLowerInvariant(Narrow(letter));
            }
        }

        return length > 0 ? length : WriteSigns(text, to);
    }

    private static int WriteSigns(string text, Span<char> to)
    {
        var length = 0;
        foreach (var sign in text)
        {
            if (!char.IsWhiteSpace(sign))
            {
                to[length++] = Narrow(sign);
            }
        }

        return length;
    }

    private static char Narrow(char letter) => letter is >= FirstFullWidth and <= LastFullWidth ? (char)(letter - FullWidth) : letter;
}
