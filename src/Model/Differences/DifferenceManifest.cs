using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Model.Checkpoints;
using Orca.Model.Weights;

namespace Orca.Model.Differences;

/// <summary>What a difference restores, and from which files.</summary>
/// <param name="Base">Files of the base that something is taken from.</param>
/// <param name="Files">Files that are restored.</param>
internal sealed record DifferenceManifest(ImmutableArray<BaseFile> Base, ImmutableArray<RestoredFile> Files)
{
    private const int DigestLetters = 64;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<PartKind>(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Reads a manifest and checks that it can be followed: nothing else trusts a number of it.</summary>
    /// <param name="json">Its text in UTF-8.</param>
    /// <param name="source">What messages call the file.</param>
    /// <exception cref="ModelFormatException">It is malformed.</exception>
    public static DifferenceManifest Parse(ReadOnlySpan<byte> json, string source)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<DifferenceManifest>(json, Json)
                ?? throw new ModelFormatException($"{source} has null as its manifest.");
            manifest.Require(source);
            return manifest;
        }
        catch (Exception e) when (e is JsonException or OverflowException)
        {
            throw new ModelFormatException($"{source} has a malformed manifest: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The text of the manifest, in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Makes sure that it can be followed.</summary>
    /// <exception cref="ModelFormatException">A file or a part of it is impossible.</exception>
    public void Require(string source)
    {
        var fault = Base.Select(FaultOf).Concat(Files.Select(FaultOf)).FirstOrDefault(fault => fault is not null)
            ?? Files.GroupBy(file => file.Name)
                .Where(same => same.Count() > 1).Select(same => $"names '{same.Key}' twice").FirstOrDefault();
        if (fault is not null)
        {
            throw new ModelFormatException($"{source} {fault}; it is damaged, get it again.");
        }
    }

    private static string? FaultOf(BaseFile file) => CheckpointManifest.IsOutside(file.Name) || file.Bytes < 0 || !IsDigest(file.Sha256)
        ? $"has an impossible base file '{file.Name}'"
        : null;

    private string? FaultOf(RestoredFile file) =>
        CheckpointManifest.IsOutside(file.Name) || file.Bytes < 0 || !IsDigest(file.Sha256)
        || !file.Parts.All(IsPossible) || file.Parts.Aggregate(0L, (sum, part) => checked(sum + part.Bytes)) != file.Bytes
            ? $"has an impossible file '{file.Name}'"
            : null;

    private bool IsPossible(FilePart part)
    {
        if (part.Bytes < 0 || WeightType.Find(part.Type) is not { } type || part.Bytes % type.Bytes != 0)
        {
            return false;
        }

        return part.Base is not { } place
            ? part.Kind == PartKind.Whole
            : part.Kind != PartKind.Whole && place.File >= 0 && place.File < Base.Length && place.Offset >= 0
                && WeightType.Find(place.Type) is { } from && Prediction.Exists(from, type)
                && (part.Kind == PartKind.Changed || from == type)
                && place.Offset <= Base[place.File].Bytes - checked(part.Bytes / type.Bytes * from.Bytes);
    }

    private static bool IsDigest(string text) => text.Length == DigestLetters && text.All(char.IsAsciiHexDigitLower);
}

/// <summary>A file of the base.</summary>
/// <param name="Name">Path within its folder, with '/' between folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal digits.</param>
internal sealed record BaseFile(string Name, long Bytes, string Sha256);

/// <summary>A file that is restored: its parts, one after another.</summary>
/// <param name="Name">Path within its folder, with '/' between folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal digits.</param>
/// <param name="Parts">What it is made of.</param>
internal sealed record RestoredFile(string Name, long Bytes, string Sha256, ImmutableArray<FilePart> Parts);

/// <summary>A stretch of a file.</summary>
/// <param name="Kind">How it is restored.</param>
/// <param name="Bytes">Its length in the restored file, a whole number of values.</param>
/// <param name="Type">What its values are, by safetensors' names; U8 for bytes.</param>
/// <param name="Base">Where in the base its values are predicted or taken from; null for <see cref="PartKind.Whole"/>.</param>
internal sealed record FilePart(PartKind Kind, long Bytes, string Type, BasePlace? Base = null);

/// <summary>A place in the base.</summary>
/// <param name="File">Index of the file.</param>
/// <param name="Offset">Where the first value begins.</param>
/// <param name="Type">What its values are, by safetensors' names.</param>
internal sealed record BasePlace(int File, long Offset, string Type);

/// <summary>How a stretch of a file is restored.</summary>
internal enum PartKind
{
    /// <summary>The difference holds it.</summary>
    Whole,

    /// <summary>The base holds it, and the difference nothing.</summary>
    Copied,

    /// <summary>The difference holds how far its values are from those that the base predicts.</summary>
    Changed,
}
