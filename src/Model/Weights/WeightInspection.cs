using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Orca.Model.Weights;

/// <summary>What reading every byte of a model's weights has shown. Memory stays at a few MiB whatever the model's size.</summary>
public sealed record WeightInspection
{
    private WeightInspection(
        ImmutableSortedDictionary<string, string> digests, ImmutableSortedDictionary<string, string> hashes,
        ImmutableSortedDictionary<string, long> nonFinite) =>
        (Digests, Hashes, NonFinite) = (digests, hashes, nonFinite);

    /// <summary>SHA-256 of each file, in lower-case hexadecimal digits, by its name; empty where nobody asked for them.</summary>
    public ImmutableSortedDictionary<string, string> Digests { get; }

    /// <summary>
    /// A hash of each weight, in lower-case hexadecimal digits, by its name: it tells one content from another, and is no proof against
    /// forgery.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Hashes { get; }

    /// <summary>How many values are infinite or not a number, by weight; weights without any are left out.</summary>
    public ImmutableSortedDictionary<string, long> NonFinite { get; }

    /// <summary>Values that are infinite or not a number, in all weights.</summary>
    public long NonFiniteValues => NonFinite.Values.Sum();

    /// <summary>
    /// Reads the files: every byte, once and in order, where their digests are asked for, else the weights that have not been
    /// copied. What is copied of them from then on, or was before, is checked against what was read here.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="wantsDigests">Whether to compute the files' digests.</param>
    /// <param name="seen">Told after each weight how many have been read.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">A file was cut or changed since it was opened, or cannot be read.</exception>
    internal static WeightInspection Of(IModelWeights weights, bool wantsDigests, Action<int> seen, CancellationToken cancellationToken)
    {
        var digests = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var hashes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var nonFinite = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        var buffer = ArrayPool<byte>.Shared.Rent(PartDigest.ChunkBytes);
        try
        {
            foreach (var file in weights.Stored.GroupBy(weight => weight.File))
            {
                using var digest = wantsDigests ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
                var reader = new Reader(file.Key, digest, buffer, cancellationToken);
                foreach (var weight in file.OrderBy(weight => weight.Offset).ThenBy(weight => weight.Bytes))
                {
                    var facts = reader.FactsOf(weight);
                    hashes[weight.Name] = $"{facts.Hash:x32}";
                    if (facts.NonFinite > 0)
                    {
                        nonFinite[weight.Name] = facts.NonFinite;
                    }

                    seen(hashes.Count);
                }

                if (digest is not null)
                {
                    reader.Pass(file.Key.Length);
                    digests[Path.GetFileName(file.Key.Path)] = Convert.ToHexStringLower(digest.GetHashAndReset());
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return new WeightInspection(digests.ToImmutable(), hashes.ToImmutable(), nonFinite.ToImmutable());
    }

    /// <summary>Goes through a file from its first byte to its last; where there is no digest, only through what nobody has read.</summary>
    private sealed class Reader(MappedFile file, IncrementalHash? digest, byte[] buffer, CancellationToken cancellationToken)
    {
        private long position;

        public PartFacts FactsOf(StoredWeight weight)
        {
            if (digest is null && file.FactsOf(weight.Offset, weight.Bytes) is { } known)
            {
                return known;
            }

            Pass(weight.Offset);
            var facts = Read(weight.Dtype, weight.Bytes);
            file.Learn(weight.Offset, weight.Bytes, facts);
            return facts;
        }

        /// <summary>Goes on to a place; what lies before it, such as the header, counts for the digest alone.</summary>
        public void Pass(long end)
        {
            if (digest is null)
            {
                position = end;
            }
            else if (end > position)
            {
                Read("", end - position);
            }
        }

        private PartFacts Read(string dtype, long bytes)
        {
            var part = new PartDigest(dtype, bytes);
            for (var chunk = 0; chunk < part.Chunks; chunk++)
            {
                cancellationToken.ThrowIfCancellationRequested();

                // Whoever reads a checkpoint beside a student that answers yields to it often, not only when its time is up.
                Thread.Yield();
                var content = buffer.AsSpan(0, part.BytesOf(chunk));
                file.Read(position, content);
                digest?.AppendData(content);
                part.Add(chunk, content);
                position += content.Length;
            }

            return part.ToFacts();
        }
    }
}
