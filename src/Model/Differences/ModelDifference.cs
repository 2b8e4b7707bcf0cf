using System.Collections.Immutable;
using System.Security.Cryptography;
using Orca.Model.Checkpoints;
using Orca.Model.Weights;

namespace Orca.Model.Differences;

/// <summary>
/// A tuned model as its difference to a base that people must have already: a file from which, with that base, every file of the tuned
/// model is restored byte by byte, and with no other. Memory stays at some chunks of four MiB a processor, whatever the models' size.
/// </summary>
public static class ModelDifference
{
    /// <summary>
    /// Writes the difference between two models. Their weights may differ in type, in shards and in rows of the vocabulary.
    /// </summary>
    /// <param name="baseFolder">The base's folder, with its weights in safetensors.</param>
    /// <param name="tunedFolder">The tuned model's folder.</param>
    /// <param name="path">A file that does not exist yet, which appears when it is whole.</param>
    /// <param name="progress">Is told of the bytes of both models that are read.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of the file then.</param>
    /// <exception cref="ModelFormatException">
    /// A file is malformed, or no weight of the tuned model has a counterpart in the base.
    /// </exception>
    /// <exception cref="IOException">The file exists already, or the disk is full.</exception>
    public static MadeDifference Make(
        string baseFolder, string tunedFolder, string path, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var plan = new DifferencePlan(baseFolder, tunedFolder);
        if (!plan.Files.SelectMany(file => file.Parts).Any(part => part.Kind == PartKind.Changed))
        {
            throw new ModelFormatException($"No weight in '{tunedFolder}' has a counterpart in '{baseFolder}', so that a difference would "
                + "hold the model whole; both need weights in safetensors, of the same names and row lengths.");
        }

        using var reader = new BaseReader(baseFolder, plan.BaseFiles, "the difference");
        var tunedBytes = plan.Files.Sum(file => file.Bytes);
        var work = new WorkCounter(progress, tunedBytes + Enumerable.Range(0, plan.BaseFiles.Count).Sum(reader.Length));
        ImmutableArray<BaseFile> bases = [.. plan.BaseFiles.Select((name, index) =>
            new BaseFile(name, reader.Length(index), reader.Digest(index, work, cancellationToken)))];
        AtomicOutput.File(path, file =>
        {
            DifferenceFormat.WriteHead(file);
            var manifest = new DifferenceManifest(
                bases, [.. plan.Files.Select(planned => Pack(tunedFolder, planned, reader, file, work, cancellationToken))]);
            manifest.Require($"'{path}'");
            DifferenceFormat.WriteTail(file, manifest);
        });
        return new MadeDifference(tunedBytes, new FileInfo(path).Length)
        {
            BaseFiles = [.. plan.BaseFiles],
            Copied = [.. plan.Files.Where(file => file.Parts is [{ Kind: PartKind.Copied }]).Select(file => file.Name)],
            Whole = [.. plan.WholeWeights],
            LeftOut = plan.LeftOut,
        };
    }

    /// <summary>Restores a tuned model.</summary>
    /// <param name="baseFolder">The base's folder.</param>
    /// <param name="path">The difference.</param>
    /// <param name="folder">A folder that does not exist yet, or is empty; it appears when every file has the original's SHA-256.</param>
    /// <param name="progress">Is told of the bytes of the base that are checked, and of those that are restored.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of the folder then.</param>
    /// <returns>The restored files, and their bytes in all.</returns>
    /// <exception cref="ModelFormatException">
    /// The difference is none, of another version or damaged; or a file of the base is missing or another than it was made from.
    /// </exception>
    /// <exception cref="IOException">The folder is not empty, or the disk is full.</exception>
    public static (int Files, long Bytes) Apply(
        string baseFolder, string path, string folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 20);
        var source = $"'{path}'";
        var manifest = DifferenceFormat.Open(file, source);
        using var reader = new BaseReader(baseFolder, manifest.Base.Select(wanted => wanted.Name), source);
        var restoredBytes = manifest.Files.Sum(restored => restored.Bytes);
        var work = new WorkCounter(progress, restoredBytes + manifest.Base.Sum(wanted => wanted.Bytes));
        for (var index = 0; index < manifest.Base.Length; index++)
        {
            Require(manifest.Base[index], reader, index, source, work, cancellationToken);
        }

        AtomicOutput.Folder(folder, part =>
        {
            foreach (var restored in manifest.Files)
            {
                var target = Path.Combine(part, restored.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                var digest = Unpack(file, restored, reader, target, source, work, cancellationToken);
                if (digest != restored.Sha256)
                {
                    throw new ModelFormatException(
                        $"'{restored.Name}' has SHA-256 {digest} when it is restored; the original had {restored.Sha256}: {source} is "
                            + "damaged, get it again.");
                }
            }
        });
        return (manifest.Files.Length, restoredBytes);
    }

    private static void Require(
        BaseFile wanted, BaseReader reader, int index, string source, WorkCounter work, CancellationToken cancellationToken)
    {
        const string Remedy = "it is another base, or damaged";
        if (reader.Length(index) is var length && length != wanted.Bytes)
        {
            throw new ModelFormatException(FormattableString.Invariant(
                $"'{reader.PathOf(index)}' has {length} bytes; {source} was made from a file of {wanted.Bytes}: {Remedy}."));
        }

        if (reader.Digest(index, work, cancellationToken) is var digest && digest != wanted.Sha256)
        {
            throw new ModelFormatException(
                $"'{reader.PathOf(index)}' has SHA-256 {digest}; {source} was made from one with {wanted.Sha256}: {Remedy}.");
        }
    }

    private static RestoredFile Pack(
        string folder, PlannedFile planned, BaseReader reader, FileStream to, WorkCounter work, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, planned.Name);
        using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var batch in Chunk.Of(planned.Parts).Chunk(Environment.ProcessorCount))
        {
            foreach (var chunk in batch)
            {
                chunk.Values = new byte[chunk.Bytes];
                if (from.ReadAtLeast(chunk.Values, chunk.Bytes, throwOnEndOfStream: false) < chunk.Bytes)
                {
                    throw new ModelFormatException($"'{path}' was cut while it was read.");
                }

                hash.AppendData(chunk.Values);
                work.Add(chunk.Bytes);
            }

            Each(batch.Where(chunk => chunk.Part.Kind != PartKind.Copied), (chunk, coder) =>
                chunk.Packed = coder.Pack(chunk.Values, PredictedOf(chunk, reader), chunk.Width), cancellationToken);
            foreach (var chunk in batch.Where(chunk => chunk.Part.Kind != PartKind.Copied))
            {
                DifferenceFormat.WriteChunk(to, chunk.Packed);
            }
        }

        return from.Position == from.Length
            ? new RestoredFile(planned.Name, from.Length, Convert.ToHexStringLower(hash.GetHashAndReset()), [.. planned.Parts])
            : throw new ModelFormatException($"'{path}' grew while it was read.");
    }

    private static string Unpack(
        FileStream from, RestoredFile restored, BaseReader reader, string path, string source, WorkCounter work,
        CancellationToken cancellationToken)
    {
        using var to = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var batch in Chunk.Of(restored.Parts).Chunk(Environment.ProcessorCount))
        {
            foreach (var chunk in batch.Where(chunk => chunk.Part.Kind != PartKind.Copied))
            {
                chunk.Packed = DifferenceFormat.ReadChunk(from, chunk.Bytes, source);
            }

            Each(batch, (chunk, coder) => Restore(chunk, coder, reader, source), cancellationToken);
            foreach (var chunk in batch)
            {
                to.Write(chunk.Values);
                hash.AppendData(chunk.Values);
                work.Add(chunk.Bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Restore(Chunk chunk, ChunkCoder coder, BaseReader reader, string source)
    {
        var predicted = PredictedOf(chunk, reader);
        if (chunk.Part.Kind == PartKind.Copied)
        {
            chunk.Values = predicted;
            return;
        }

        chunk.Values = new byte[chunk.Bytes];
        if (!coder.Unpack(chunk.Packed, predicted, chunk.Width, chunk.Values))
        {
            throw DifferenceFormat.Damaged(source);
        }
    }

    private static byte[] PredictedOf(Chunk chunk, BaseReader reader) =>
        chunk.Part.Base is null ? [] : reader.Predicted(chunk.Part, chunk.Start, chunk.Bytes);

    private static void Each(IEnumerable<Chunk> chunks, Action<Chunk, ChunkCoder> work, CancellationToken cancellationToken)
    {
        try
        {
            Parallel.ForEach(
                chunks, new ParallelOptions { CancellationToken = cancellationToken }, () => new ChunkCoder(), (chunk, _, coder) =>
                {
                    work(chunk, coder);
                    return coder;
                },
                coder => coder.Dispose());
        }
        catch (AggregateException fault)
        {
            throw fault.InnerExceptions[0];
        }
    }

    /// <summary>A stretch of a part that is packed by itself.</summary>
    private sealed record Chunk(FilePart Part, long Start, int Bytes)
    {
        public int Width { get; } = WeightType.Find(Part.Type)!.Bytes;

        public byte[] Values { get; set; } = [];

        public byte[] Packed { get; set; } = [];

        public static IEnumerable<Chunk> Of(IEnumerable<FilePart> parts)
        {
            foreach (var part in parts)
            {
                for (var start = 0L; start < part.Bytes; start += DifferenceFormat.ChunkBytes)
                {
                    yield return new Chunk(part, start, (int)Math.Min(DifferenceFormat.ChunkBytes, part.Bytes - start));
                }
            }
        }
    }
}

/// <summary>A difference that was written.</summary>
/// <param name="TunedBytes">Bytes of the tuned model's files.</param>
/// <param name="Bytes">Bytes of the difference.</param>
public sealed record MadeDifference(long TunedBytes, long Bytes)
{
    /// <summary>Files of the base that are needed to apply it.</summary>
    public required ImmutableArray<string> BaseFiles { get; init; }

    /// <summary>Files that the base has too, so that the difference does not hold them.</summary>
    public required ImmutableArray<string> Copied { get; init; }

    /// <summary>Weights that it holds whole, since the base has no counterpart of them.</summary>
    public required ImmutableArray<string> Whole { get; init; }

    /// <summary>Folders of the tuned model that are no part of it.</summary>
    public required ImmutableArray<string> LeftOut { get; init; }
}
