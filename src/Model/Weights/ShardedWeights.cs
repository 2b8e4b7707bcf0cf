using System.Collections.Immutable;
using System.Text.Json;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>
/// The weights of a model folder: its one <c>model.safetensors</c>, or the shards that its
/// <c>model.safetensors.index.json</c> names.
/// </summary>
public sealed class ShardedWeights : IModelWeights
{
    /// <summary>The file of a model in one piece.</summary>
    public const string SingleFileName = "model.safetensors";

    /// <summary>The file that tells in which shard each tensor lies.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    private readonly string source;
    private readonly Dictionary<string, SafetensorsFile> fileOf;
    private readonly ImmutableArray<SafetensorsFile> files;

    private ShardedWeights(string source, ImmutableArray<SafetensorsFile> files, Dictionary<string, SafetensorsFile> fileOf)
    {
        this.source = source;
        this.files = files;
        this.fileOf = fileOf;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Names => fileOf.Keys;

    /// <summary>Opens a folder's weights.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="access">How their bytes come into memory.</param>
    /// <exception cref="ModelFormatException">There are none, or a file is missing, malformed or at odds with the index.</exception>
    public static ShardedWeights Open(string folder, WeightAccess access = WeightAccess.Mapped)
    {
        var single = Path.Combine(folder, SingleFileName);
        var index = Path.Combine(folder, IndexFileName);
        if (File.Exists(single))
        {
            var file = SafetensorsFile.Open(single, access);
            return new ShardedWeights($"'{single}'", [file], file.Names.ToDictionary(name => name, _ => file, StringComparer.Ordinal));
        }

        return File.Exists(index)
            ? OpenShards(folder, index, access)
            : throw new ModelFormatException($"'{folder}' holds neither {SingleFileName} nor {IndexFileName}; a model needs one of them.");
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => fileOf.ContainsKey(name);

    /// <summary>The safetensors name of a tensor's dtype, such as BF16.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public string DtypeName(string name) => FileOf(name).DtypeName(name);

    /// <summary>A tensor's sizes.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public ImmutableArray<long> Shape(string name) => FileOf(name).Shape(name);

    /// <inheritdoc/>
    public IEnumerable<StoredWeight> Stored => files.SelectMany(file => file.Stored.Where(weight => fileOf.GetValueOrDefault(weight.Name) == file));

    /// <inheritdoc/>
    public IWeightRows Rows(string name) => FileOf(name).Rows(name);

    /// <inheritdoc/>
    public void Release(string name) => FileOf(name).Release(name);

    /// <inheritdoc/>
    public int CopyThreads
    {
        set => Array.ForEach([.. files], file => file.Threads = value);
    }

    /// <inheritdoc/>
    public void Trim()
    {
        foreach (var file in files)
        {
            file.Trim();
        }
    }

    /// <inheritdoc/>
    public bool IsMapped(string name) => FileOf(name) is not null;

    /// <inheritdoc/>
    Tensor IModelWeights.Tensor(string name) => Map(name);

    /// <summary>A tensor over the mapped bytes, as <see cref="SafetensorsFile.Map"/> gives it.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or libtorch has no such dtype.</exception>
    public Tensor Map(string name) => FileOf(name).Map(name);

    /// <summary>Frees all tensors and unmaps all files.</summary>
    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }

    private static ShardedWeights OpenShards(string folder, string index, WeightAccess access)
    {
        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            var fileOf = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
            foreach (var (name, shard) in WeightMap(index))
            {
                if (!files.TryGetValue(shard, out var file))
                {
                    files.Add(shard, file = OpenShard(folder, shard, index, access));
                }

                if (!file.Contains(name))
                {
                    throw new ModelFormatException($"'{index}' puts tensor '{name}' into {shard}, which does not hold it.");
                }

                fileOf[name] = file;
            }

            return new ShardedWeights($"'{index}'", [.. files.Values], fileOf);
        }
        catch
        {
            foreach (var file in files.Values)
            {
                file.Dispose();
            }

            throw;
        }
    }

    private static SafetensorsFile OpenShard(string folder, string shard, string index, WeightAccess access)
    {
        if (shard != Path.GetFileName(shard) || shard is "" or "." or "..")
        {
            throw new ModelFormatException($"'{index}' names the shard '{shard}'; it must be a file of the same folder.");
        }

        var path = Path.Combine(folder, shard);
        return File.Exists(path)
            ? SafetensorsFile.Open(path, access)
            : throw new ModelFormatException($"'{index}' names the shard {shard}, which is not in the folder; copy it there.");
    }

    private static List<KeyValuePair<string, string>> WeightMap(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("weight_map", out var map) && map.ValueKind == JsonValueKind.Object
                && map.EnumerateObject().All(property => property.Value.ValueKind == JsonValueKind.String))
            {
                return [.. map.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, property.Value.GetString()!))];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{index}' cannot be read as JSON: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        throw new ModelFormatException($"'{index}' has no weight_map from tensor names to file names.");
    }

    private SafetensorsFile FileOf(string name) => fileOf.TryGetValue(name, out var file)
        ? file
        : throw new ModelFormatException($"{source} has no tensor '{name}'.");
}
