using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Orca.Serving.Security;

/// <summary>A key as the server knows it: never the key itself.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Scope">What it opens.</param>
/// <param name="Hash">
/// SHA-256 of the key's text. Keys are 256 random bits, so no slow hash is needed: they cannot be guessed one by one.
/// </param>
public sealed record AccessKey(string Name, AccessScope Scope, ImmutableArray<byte> Hash)
{
    private const string Prefix = "orca-";

    /// <summary>A new key.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="scope">What it opens.</param>
    /// <param name="text">The key itself, for its owner; it is kept nowhere.</param>
    public static AccessKey Create(string name, AccessScope scope, out string text)
    {
        text = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return new AccessKey(name, scope, HashOf(text));
    }

    /// <summary>Whether this is the key; takes the same time whatever the text.</summary>
    public bool Opens(ReadOnlySpan<byte> hashOfText) => CryptographicOperations.FixedTimeEquals(Hash.AsSpan(), hashOfText);

    /// <summary>What is kept of a key.</summary>
    public static ImmutableArray<byte> HashOf(string text) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(text))];
}
