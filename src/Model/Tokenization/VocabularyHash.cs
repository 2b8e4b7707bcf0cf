using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>Tells vocabularies apart, whatever files they came from.</summary>
public static class VocabularyHash
{
    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of what every token stands for, its bytes or its name, and of which token starts and
    /// which ends a text. The same for a tokenizer that was saved and opened again.
    /// </summary>
    public static string Of(ITokenizer tokenizer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var id = 0; id < tokenizer.VocabularySize; id++)
        {
            Add(tokenizer.BytesOf(id));
            Add(Encoding.UTF8.GetBytes(tokenizer.NameOfSpecial(id) ?? ""));
        }

        Add(Encoding.UTF8.GetBytes($"{tokenizer.BosId} {tokenizer.EosId}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        // Its length first: no two lists of parts are one sequence of bytes.
        void Add(ReadOnlySpan<byte> part)
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }
    }
}
