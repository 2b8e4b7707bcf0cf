using System.Collections.Immutable;
using System.Security.Cryptography;
using Orca.Model.Checkpoints;
using Orca.Model.Weights;

namespace Orca.Model.Differences;

/// <summary>
/// How the files of a tuned model are made of a base's: weights from the base's weights of the same names, other files that the base has
/// too from there, and all else from the difference.
/// </summary>
internal sealed class DifferencePlan
{
    private const string WeightsExtension = ".safetensors";
    private const string Bytes = "U8";

    private readonly string baseFolder;
    private readonly Dictionary<string, BaseWeight> baseWeights = new(StringComparer.Ordinal);
    private readonly List<string> baseFiles = [];
    private readonly List<string> wholeWeights = [];

    /// <param name="baseFolder">The base's folder.</param>
    /// <param name="tunedFolder">The tuned model's folder.</param>
    /// <exception cref="ModelFormatException">A file of weights is malformed.</exception>
    public DifferencePlan(string baseFolder, string tunedFolder)
    {
        this.baseFolder = baseFolder;
        var bases = FolderFiles.Of(baseFolder);
        foreach (var name in bases.Names.Where(IsWeights))
        {
            using var file = SafetensorsFile.Open(Path.Combine(baseFolder, name));
            foreach (var weight in file.Stored)
            {
                var type = WeightType.Find(weight.Dtype)!;
                baseWeights.TryAdd(weight.Name, new BaseWeight(name, type, file.Shape(weight.Name), weight.Offset));
            }
        }

        var tuned = FolderFiles.Of(tunedFolder);
        LeftOut = tuned.LeftOut;
        Files = [.. tuned.Names.Select(name => new PlannedFile(
            name, IsWeights(name) ? PartsOfWeights(tunedFolder, name) : PartsOfOther(tunedFolder, name, bases)))];
    }

    /// <summary>The files to restore.</summary>
    public ImmutableArray<PlannedFile> Files { get; }

    /// <summary>Files of the base that something is taken from, in the order of their indices.</summary>
    public IReadOnlyList<string> BaseFiles => baseFiles;

    /// <summary>Weights that the difference holds whole, since the base has none of their name and row length.</summary>
    public IReadOnlyList<string> WholeWeights => wholeWeights;

    /// <summary>Folders of the tuned model that are no part of it.</summary>
    public ImmutableArray<string> LeftOut { get; }

    private static bool IsWeights(string name) => name.EndsWith(WeightsExtension, StringComparison.Ordinal);

    private List<FilePart> PartsOfWeights(string folder, string name)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, name));
        var parts = new List<FilePart>();
        var position = 0L;
        foreach (var weight in file.Stored.OrderBy(weight => weight.Offset).ThenBy(weight => weight.Bytes))
        {
            Add(parts, new FilePart(PartKind.Whole, weight.Offset - position, Bytes));
            AddWeight(parts, weight, file.Shape(weight.Name));
            position = weight.Offset + weight.Bytes;
        }

        var length = new FileInfo(Path.Combine(folder, name)).Length;
        Add(parts, new FilePart(PartKind.Whole, length - position, Bytes));
        return parts;
    }

    // Where the vocabulary grew, its first rows are the base's and the others are held whole.
    private void AddWeight(List<FilePart> parts, StoredWeight weight, ImmutableArray<long> shape)
    {
        var type = WeightType.Find(weight.Dtype)!;
        var predicted = 0L;
        if (baseWeights.TryGetValue(weight.Name, out var known) && Prediction.Exists(known.Type, type)
            && known.Shape.Length == shape.Length && known.Shape.Skip(1).SequenceEqual(shape.Skip(1)))
        {
            var values = weight.Bytes / type.Bytes;
            predicted = type.Bytes * (shape is [> 0 and var rows, ..] ? values / rows * Math.Min(rows, known.Shape[0]) : values);
            Add(parts, new FilePart(
                PartKind.Changed, predicted, type.Name, new BasePlace(IndexOf(known.File), known.Offset, known.Type.Name)));
        }
        else
        {
            wholeWeights.Add(weight.Name);
        }

        Add(parts, new FilePart(PartKind.Whole, weight.Bytes - predicted, type.Name));
    }

    private List<FilePart> PartsOfOther(string folder, string name, FolderFiles bases)
    {
        var path = Path.Combine(folder, name);
        var length = new FileInfo(path).Length;
        var same = length == 0 ? null : bases.Names.FirstOrDefault(
            other => !IsWeights(other) && new FileInfo(Path.Combine(baseFolder, other)).Length == length
                && Digest(Path.Combine(baseFolder, other)).SequenceEqual(Digest(path)));
        var parts = new List<FilePart>();
        Add(parts, same is null
            ? new FilePart(PartKind.Whole, length, Bytes)
            : new FilePart(PartKind.Copied, length, Bytes, new BasePlace(IndexOf(same), 0, Bytes)));
        return parts;
    }

    private int IndexOf(string file)
    {
        if (!baseFiles.Contains(file))
        {
            baseFiles.Add(file);
        }

        return baseFiles.IndexOf(file);
    }

    private static void Add(List<FilePart> parts, FilePart part)
    {
        if (part.Bytes > 0)
        {
            parts.Add(part);
        }
    }

    private static byte[] Digest(string path)
    {
        using var file = File.OpenRead(path);
        return SHA256.HashData(file);
    }

    private sealed record BaseWeight(string File, WeightType Type, ImmutableArray<long> Shape, long Offset);
}

/// <summary>A file to restore.</summary>
/// <param name="Name">Path within its folder, with '/' between folders.</param>
/// <param name="Parts">What it is made of.</param>
internal sealed record PlannedFile(string Name, IReadOnlyList<FilePart> Parts)
{
    /// <summary>Its length.</summary>
    public long Bytes => Parts.Sum(part => part.Bytes);
}
