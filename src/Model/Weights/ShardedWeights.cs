using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>
/// The weights of a model folder: its one <c>model.safetensors</c>, the shards that its
/// <c>model.safetensors.index.json</c> names, or without either all shards that belong to the one that is there.
/// </summary>
public sealed partial class ShardedWeights : IModelWeights
{
    /// <summary>The file of a model in one piece.</summary>
    public const string SingleFileName = "model.safetensors";

    /// <summary>The file that tells in which shard each tensor lies.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    private const string Extension = ".safetensors";

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

        if (!File.Exists(index))
        {
            return OpenShards(folder, $"'{folder}'", FindShards(folder), [], access);
        }

        var map = WeightMap(index);
        return OpenShards(folder, $"'{index}'", map.Select(entry => entry.Value).Distinct(), map, access);
    }

    /// <summary>Whether a file's name is that of a model's weights, in any format.</summary>
    internal static bool IsWeights(string name) => name.EndsWith(Extension, StringComparison.Ordinal) || IsForeign(name);

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => fileOf.ContainsKey(name);

    /// <summary>The safetensors name of a tensor's dtype, such as BF16.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public string DtypeName(string name) => FileOf(name).DtypeName(name);

    /// <summary>A tensor's sizes.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public ImmutableArray<long> Shape(string name) => FileOf(name).Shape(name);

    /// <inheritdoc/>
    public IEnumerable<StoredWeight> Stored =>
        files.SelectMany(file => file.Stored.Where(weight => fileOf.GetValueOrDefault(weight.Name) == file));

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

    // Whatever its index says, a shard's tensors are all the model's.
    private static ShardedWeights OpenShards(
        string folder, string source, IEnumerable<string> names, List<KeyValuePair<string, string>> map, WeightAccess access)
    {
        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (var name in names)
            {
                files.Add(name, OpenShard(folder, name, source, access));
            }

            var fileOf = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
            foreach (var (name, shard) in map)
            {
                fileOf[name] = files[shard].Contains(name)
                    ? files[shard]
                    : throw new ModelFormatException($"{source} puts tensor '{name}' into {shard}, which does not hold it.");
            }

            foreach (var (name, file) in files.Values.SelectMany(file => file.Names.Select(name => (name, file))))
            {
                if (!fileOf.TryAdd(name, file) && fileOf[name] != file && map.All(entry => entry.Key != name))
                {
                    throw new ModelFormatException($"{source} has the tensor '{name}' in two files; keep one of them there.");
                }
            }

            return new ShardedWeights(source, [.. files.Values], fileOf);
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

    // Without an index: all of one set of shards, or the only file there is.
    private static string[] FindShards(string folder)
    {
        string[] found = [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        string[] own = [.. found.Where(name => name.EndsWith(Extension, StringComparison.Ordinal))];
        if (own is [var only] && !ShardName().IsMatch(only))
        {
            return own;
        }

        if (own.Select(name => ShardName().Match(name)).FirstOrDefault(match => match.Success) is { } shard

                && int.TryParse(shard.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count is > 0 and <= 99_999)
        {
            return [.. Enumerable.Range(1, count).Select(number =>
                string.Create(CultureInfo.InvariantCulture, $"{shard.Groups[1].Value}-{number:D5}-of-{count:D5}{Extension}"))];
        }

        var foreign = Array.Find(found, IsForeign);
        throw new ModelFormatException(foreign is not null
            ? $"'{folder}' holds its weights as {foreign}, which is not read; save the model as safetensors (save_pretrained of "
                + "transformers does)."
            : $"'{folder}' holds neither {SingleFileName} nor {IndexFileName}; a model needs one of them"
                + (found.Any(name => name.EndsWith(".incomplete", StringComparison.Ordinal)) ? ", and its download was broken off: begin "
                    + "it again." : "."));
    }

    private static bool IsForeign(string name) => ForeignWeights().IsMatch(name);

    private static SafetensorsFile OpenShard(string folder, string shard, string source, WeightAccess access)
    {
        if (shard != Path.GetFileName(shard) || shard is "" or "." or "..")
        {
            throw new ModelFormatException($"{source} names the shard '{shard}'; it must be a file of the same folder.");
        }

        var path = Path.Combine(folder, shard);
        return File.Exists(path)
            ? SafetensorsFile.Open(path, access)
            : throw new ModelFormatException($"{source} names the shard {shard}, which is not in the folder: its download is not "
                + "complete, go on with it.");
    }

    private static List<KeyValuePair<string, string>> WeightMap(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(ByteOrderMark.Skip(File.ReadAllBytes(index)));
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("weight_map", out var map) && map.ValueKind == JsonValueKind.Object
                && map.EnumerateObject().All(property => property.Value.ValueKind == JsonValueKind.String))
            {
                return [.. map.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, property.Value.GetString()!))];
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(
                FileKind.Of(index) is { } kind
                    ? $"'{index}' {kind}."
                    : $"'{index}' cannot be read as JSON: {e.Message.ReplaceLineEndings(" ")}",
                e);
        }

        throw new ModelFormatException($"'{index}' has no weight_map from tensor names to file names.");
    }

    [GeneratedRegex(@"^(.+)-\d{5}-of-(\d{5})\.safetensors$")]
    private static partial Regex ShardName();

    // Formats of PyTorch, of LLaMA's first release, of TensorFlow, Flax and ONNX.
    [GeneratedRegex(@"^(pytorch_model.*\.bin|consolidated.*\.pth|.*\.(pt|pth|ckpt|msgpack|onnx)|tf_model\.h5)$")]
    private static partial Regex ForeignWeights();

    private SafetensorsFile FileOf(string name) => fileOf.TryGetValue(name, out var file)
        ? file
        : throw new ModelFormatException($"{source} has no tensor '{name}'.");
}
