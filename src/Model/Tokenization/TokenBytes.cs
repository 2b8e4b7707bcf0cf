using System.Buffers;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>The bytes that each token stands for, and how a text is put together from them.</summary>
/// <param name="bytesOfId">Bytes by id; empty for special tokens and for ids without a piece.</param>
/// <param name="dropsFirstSpace">Whether <see cref="ITokenizer.Encode"/> puts a space before every text, to be taken away again.</param>
internal sealed class TokenBytes(byte[][] bytesOfId, bool dropsFirstSpace)
{
    /// <summary>Whether the first space of a text is the tokenizer's own.</summary>
    public bool DropsFirstSpace => dropsFirstSpace;

    /// <summary>The bytes of one token. An id outside of the vocabulary (a padded row of an embedding) has none.</summary>
    public ReadOnlySpan<byte> Of(int id) => (uint)id < (uint)bytesOfId.Length ? bytesOfId[id] : [];

    /// <summary>The whole text of some ids.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
        {
            bytes.Write(Of(id));
        }

        var text = bytes.WrittenSpan;
        return Encoding.UTF8.GetString(dropsFirstSpace && text.StartsWith(" "u8) ? text[1..] : text);
    }
}
