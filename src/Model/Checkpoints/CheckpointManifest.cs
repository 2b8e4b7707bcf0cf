using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Model.Checkpoints;

/// <summary>A checkpoint's <c>orca.json</c>: where it came from, and the digest of every other file of its folder.</summary>
public sealed record CheckpointManifest
{
    /// <summary>
    /// A file of settings is called <c>orca.json</c> too. What has this key and <see cref="DigestsKey"/> is a manifest, what has neither
    /// is settings, and what has one of them is refused whatever it is read as.
    /// </summary>
    public const string StepKey = "step";

    /// <summary>The other key by which a manifest is told from settings.</summary>
    public const string DigestsKey = "digests";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    /// <summary>Optimizer steps behind the weights.</summary>
    public required long Step { get; init; }

    /// <summary>Folder name of the checkpoint it was trained from; null for the first of a run.</summary>
    public string? Parent { get; init; }

    /// <summary>SHA-256 in lower-case hexadecimal digits, by path within the folder with '/' between folders.</summary>
    public required ImmutableSortedDictionary<string, string> Digests { get; init; }

    /// <summary>Hash of the prompt template the student was trained with.</summary>
    public required string TemplateHash { get; init; }

    /// <summary>Name of that template, and where it came from; absent in the manifests of older versions.</summary>
    public string? Template { get; init; }

    /// <summary>Revision of the curriculum at the step.</summary>
    public long CurriculumRevision { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>
    /// SHA-256 in lower-case hexadecimal digits over the digests of all files: equal for equal content, wherever it lies.
    /// </summary>
    [JsonIgnore]
    public string Digest => DigestOf(Digests);

    /// <summary>Reads a folder's manifest.</summary>
    /// <returns>Null where the folder has none, as folders from elsewhere; or where the file holds settings.</returns>
    /// <exception cref="ModelFormatException">It is malformed.</exception>
    public static CheckpointManifest? Read(string folder)
    {
        var path = Path.Combine(folder, CheckpointLayout.ManifestName);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var bytes = File.ReadAllBytes(path);
            if (IsSettings(bytes))
            {
                return null;
            }

            var manifest = JsonSerializer.Deserialize<CheckpointManifest>(bytes, Json)
                ?? throw new ModelFormatException($"'{path}' holds null; it must be an object.");
            var unusable = manifest.Digests.Where(file => IsOutside(file.Key) || file.Value is null)
                .Select(file => file.Key).FirstOrDefault();
            return unusable is null
                ? manifest
                : throw new ModelFormatException($"'{path}' has a digest of '{unusable}' that is null, or of no file within the folder.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"'{path}' is malformed: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>SHA-256 in lower-case hexadecimal digits over the digests of files.</summary>
    public static string DigestOf(ImmutableSortedDictionary<string, string> digests) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(digests.Select(file => $"{file.Key}:{file.Value}\n")))));

    /// <summary>The text of the file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    private static bool IsSettings(byte[] json)
    {
        using var document = JsonDocument.Parse(json, Lenient);
        return document.RootElement.ValueKind == JsonValueKind.Object && !document.RootElement.TryGetProperty(StepKey, out _)
            && !document.RootElement.TryGetProperty(DigestsKey, out _);
    }

    /// <summary>Whether a path, with '/' between folders, names no file within a folder.</summary>
    internal static bool IsOutside(string path) =>
        Path.IsPathRooted(path) || path.Split('/', '\\').Any(part => part is "" or "." or "..");
}
