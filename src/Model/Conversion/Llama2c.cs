using System.IO.MemoryMappedFiles;
using Orca.Model.Checkpoints;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Conversion;

/// <summary>
/// Makes a model folder in Hugging Face's layout of a llama2.c file: the legacy form or version 1, float32 both. Queries
/// and keys are reordered from llama2.c's rotary pairing (neighbours) to Hugging Face's (halves).
/// </summary>
public static unsafe class Llama2c
{
    private const string RotaryTables = "(rotary tables)";

    /// <summary>Converts a model and its tokenizer. The folder appears when it is whole.</summary>
    /// <param name="modelPath">The .bin file.</param>
    /// <param name="tokenizerPath">Its tokenizer: llama2.c's .bin, or a tokenizer.model or tokenizer.json.</param>
    /// <param name="folder">What to make; nothing or an empty folder may be there.</param>
    /// <param name="progress">Is told of the bytes of weights that are written.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of the folder then.</param>
    /// <returns>The model's shape.</returns>
    /// <exception cref="ModelFormatException">
    /// A file is missing, malformed or does not fit the other, or the folder is in use or cannot be written.
    /// </exception>
    public static LlamaConfig Convert(
        string modelPath, string tokenizerPath, string folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var tokenizer = TokenizerFolder.OpenFile(tokenizerPath);
        try
        {
            using var file = new FileStream(modelPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var header = ReadHeader(file, $"'{modelPath}'");
            CheckVocabulary(header.Config, tokenizer, tokenizerPath);
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new ModelFormatException($"'{folder}' is not empty; name a folder that does not exist yet.");
            }

            AtomicOutput.Folder(folder, part => Write(file, header, tokenizer, part, progress, cancellationToken));
            return header.Config with { WeightType = ScalarType.Float32 };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{modelPath}' was not converted into '{folder}': {e.Message}", e);
        }
    }

    private static void Write(
        FileStream file, Llama2cHeader header, ITokenizer tokenizer, string folder, IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken)
    {
        WriteWeights(file, header, Path.Combine(folder, ShardedWeights.SingleFileName), progress, cancellationToken);
        var config = header.Config with { WeightType = ScalarType.Float32 };
        File.WriteAllText(Path.Combine(folder, CheckpointLayout.ConfigName), config.ToJson());
        tokenizer.Save(folder);
        // These are base models: they go on with a text.
        PromptTemplates.Raw.Save(folder);
    }

    private static Llama2cHeader ReadHeader(FileStream file, string source)
    {
        var bytes = new byte[256];
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var header = Llama2cHeader.Read(bytes.AsSpan(0, read), source);
        var wanted = header.HeaderBytes + (header.Values * sizeof(float));
        return file.Length == wanted
            ? header
            : throw new ModelFormatException(
                $"{source} has {file.Length} bytes; its header calls for {wanted}: it is "
                + (file.Length < wanted ? "truncated, copy it again." : "damaged, or no llama2.c model."));
    }

    private static void CheckVocabulary(LlamaConfig config, ITokenizer tokenizer, string tokenizerPath)
    {
        if (tokenizer.VocabularySize != config.VocabularySize)
        {
            throw new ModelFormatException(
                $"'{tokenizerPath}' has {tokenizer.VocabularySize} tokens, the model {config.VocabularySize}; use the tokenizer the "
                    + "model was made with.");
        }
    }

    private static void WriteWeights(
        FileStream file, Llama2cHeader header, string path, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var map = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            SafetensorsWriter.Write(
                path, Weights(header, start + view.PointerOffset + header.HeaderBytes), dtype: null, progress, cancellationToken);
        }
        finally
        {
            scope.DisposeEverything();
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static Dictionary<string, Tensor> Weights(Llama2cHeader header, byte* data)
    {
        var config = header.Config;
        var shapes = LlamaParameters.ShapesOf(config).ToDictionary(shape => shape.Name);
        var weights = new Dictionary<string, Tensor>();
        foreach (var name in header.IsLegacy ? LegacyOrder(config) : Version1Order(config))
        {
            if (name == RotaryTables)
            {
                data += header.RotaryValues * sizeof(float);
                continue;
            }

            var weight = Aten.FromBlob(data, shapes[name].Shape.AsSpan(), ScalarType.Float32);
            weights.Add(
                name, name.EndsWith("q_proj.weight", StringComparison.Ordinal) || name.EndsWith("k_proj.weight", StringComparison.Ordinal)
                ? NeighboursToHalves(weight, config.HeadDim)
                : weight);
            data += shapes[name].Count * sizeof(float);
        }

        return weights;
    }

    // Rows of a head: 0 1 2 3 4 5 … (pairs 0-1, 2-3, …) become 0 2 4 … 1 3 5 … (each pair D/2 apart).
    private static Tensor NeighboursToHalves(Tensor weight_OI, int headDim) =>
        weight_OI.view(-1, headDim / 2, 2, weight_OI.shape[1]).transpose(1, 2).reshape(weight_OI.shape);

    private static IEnumerable<string> LegacyOrder(LlamaConfig config) =>
    [
        LlamaParameters.EmbeddingName,
        .. OfAllLayers(config, "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
        .. OfAllLayers(config, "post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj"),
        LlamaParameters.FinalNormName,
        RotaryTables,
        .. Head(config),
    ];

    private static IEnumerable<string> Version1Order(LlamaConfig config) =>
    [
        .. OfAllLayers(config, "input_layernorm", "post_attention_layernorm"),
        LlamaParameters.FinalNormName,
        LlamaParameters.EmbeddingName,
        .. OfAllLayers(config, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
        .. OfAllLayers(config, "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj"),
        .. Head(config),
    ];

    // One kind of weight of all layers, then the next kind.
    private static IEnumerable<string> OfAllLayers(LlamaConfig config, params string[] kinds) =>
        from kind in kinds
        from layer in Enumerable.Range(0, config.Layers)
        select $"{LlamaParameters.BlockName(layer)}{kind}.weight";

    private static IEnumerable<string> Head(LlamaConfig config) => config.TiedEmbeddings ? [] : [LlamaParameters.HeadName];
}
