using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// Turns token ids into text one by one. A character whose bytes are spread over several tokens comes out whole with its
/// last byte, and nothing stands in for it before. One decoder serves one text, on one thread at a time.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly TokenBytes tokens;
    private readonly Decoder characters = Encoding.UTF8.GetDecoder();
    private bool atStart = true;

    internal StreamingDecoder(TokenBytes tokens) => this.tokens = tokens;

    /// <summary>The text that is complete with this token and was not before; often empty.</summary>
    public string Push(int id)
    {
        var bytes = tokens.Of(id);
        if (bytes.IsEmpty)
        {
            return "";
        }

        var ownSpace = atStart && tokens.DropsFirstSpace && bytes[0] == (byte)' ';
        atStart = false;
        return Take(ownSpace ? bytes[1..] : bytes, isLast: false);
    }

    /// <summary>
    /// What is left when no token follows: empty, or U+FFFD where the text ends within a character.
    /// The decoder can then begin another text.
    /// </summary>
    public string Flush()
    {
        atStart = true;
        return Take([], isLast: true);
    }

    private string Take(ReadOnlySpan<byte> bytes, bool isLast)
    {
        // Up to three bytes of an unfinished character may come out beside the new ones.
        var text = bytes.Length <= 128 ? stackalloc char[bytes.Length + 4] : new char[bytes.Length + 4];
        return new string(text[..characters.GetChars(bytes, text, isLast)]);
    }
}
