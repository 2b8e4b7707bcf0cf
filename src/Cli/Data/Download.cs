using System.Security.Cryptography;

namespace Orca.Cli.Data;

/// <summary>A file to bring onto the disk.</summary>
/// <param name="Source">Its address, of http or https.</param>
/// <param name="Target">Where it is put.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits in lower case.</param>
/// <param name="Bytes">Its length; null where it is not known before it comes.</param>
internal sealed record Download(Uri Source, string Target, string Sha256, long? Bytes)
{
    /// <summary>The SHA-256 of what lies at a path, written as <see cref="Sha256"/> is.</summary>
    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
        return await DigestAsync(file, cancellationToken);
    }

    /// <summary>The SHA-256 of a stream from where it stands to its end.</summary>
    public static async Task<string> DigestAsync(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
}
