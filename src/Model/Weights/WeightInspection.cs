using System.Buffers;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Orca.Model.Weights;

/// <summary>
/// What reading every byte of a model's weight files, once and in order, has shown. Memory stays at a few MiB whatever the
/// model's size.
/// </summary>
public sealed record WeightInspection
{
    // A few MiB, and whole blocks of every format.
    private const int ChunkBytes = NonFiniteScan.WholeBytes * 98;

    private WeightInspection(ImmutableSortedDictionary<string, string> digests, ImmutableSortedDictionary<string, long> nonFinite) =>
        (Digests, NonFinite) = (digests, nonFinite);

    /// <summary>SHA-256 of each file, in lower-case hexadecimal digits, by its name.</summary>
    public ImmutableSortedDictionary<string, string> Digests { get; }

    /// <summary>How many values are infinite or not a number, by weight; weights without any are left out.</summary>
    public ImmutableSortedDictionary<string, long> NonFinite { get; }

    /// <summary>Values that are infinite or not a number, in all weights.</summary>
    public long NonFiniteValues => NonFinite.Values.Sum();

    /// <summary>
    /// Reads the files. What is copied of them from then on, or was before, is checked against what was read here: the
    /// digests are those of the bytes in memory.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="seen">Told after each weight how many have been read.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">A file was cut or changed since it was opened, or cannot be read.</exception>
    internal static WeightInspection Of(IModelWeights weights, Action<int> seen, CancellationToken cancellationToken)
    {
        var digests = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var nonFinite = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var count = 0;
            foreach (var file in weights.Stored.GroupBy(weight => weight.File))
            {
                using var reader = new Reader(file.Key, buffer, cancellationToken);
                foreach (var weight in file.OrderBy(weight => weight.Offset).ThenBy(weight => weight.Bytes))
                {
                    reader.Pass(weight.Offset);
                    if (reader.Scan(weight) is > 0 and var found)
                    {
                        nonFinite[weight.Name] = found;
                    }

                    seen(++count);
                }

                reader.Pass(file.Key.Length);
                digests[Path.GetFileName(file.Key.Path)] = reader.Digest();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return new WeightInspection(digests.ToImmutable(), nonFinite.ToImmutable());
    }

    /// <summary>Goes through a file from its first byte to its last.</summary>
    private sealed class Reader(MappedFile file, byte[] buffer, CancellationToken cancellationToken) : IDisposable
    {
        private readonly IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long position;

        /// <summary>Goes over bytes that are no weight's, such as the header.</summary>
        public void Pass(long end)
        {
            if (end > position)
            {
                Read("", end - position);
            }
        }

        /// <summary>Goes over a weight, and counts what is not finite.</summary>
        public long Scan(StoredWeight weight) => Read(weight.Dtype, weight.Bytes);

        public string Digest() => Convert.ToHexStringLower(digest.GetHashAndReset());

        public void Dispose() => digest.Dispose();

        private long Read(string dtype, long bytes)
        {
            var hash = new XxHash128();
            var begin = position;
            var count = 0L;
            for (var left = bytes; left > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var chunk = buffer.AsSpan(0, (int)Math.Min(left, ChunkBytes));
                file.Read(position, chunk);
                digest.AppendData(chunk);
                hash.Append(chunk);
                count += NonFiniteScan.Count(dtype, chunk);
                position += chunk.Length;
                left -= chunk.Length;
            }

            file.Expect(begin, bytes, hash.GetCurrentHashAsUInt128());
            return count;
        }
    }
}
