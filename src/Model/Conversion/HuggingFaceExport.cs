using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Conversion;

/// <summary>
/// Writes a model as a folder in Hugging Face's layout: its weights, in shards where they are large, its tokenizer, its chat template
/// in Jinja, and its generation settings.
/// </summary>
public static class HuggingFaceExport
{
    /// <summary>The largest shard that Hugging Face's own tools write.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    /// <summary>
    /// Writes a new folder, which appears when it is whole. A few rows at a time are converted, so little memory is needed.
    /// </summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <param name="encoding">F32, F16 or BF16, for all weights; null: each stays as it is.</param>
    /// <param name="shardBytes">
    /// How large a file of weights may be, its header aside; one weight that is larger has a file of its own.
    /// </param>
    /// <param name="progress">Is told of the bytes of weights that are written.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of the folder then.</param>
    /// <returns>Number of files that hold weights.</returns>
    /// <exception cref="ModelFormatException">The weights cannot be written so.</exception>
    /// <exception cref="IOException">The folder is not empty, or the disk is full.</exception>
    public static int Write(
        Checkpoint checkpoint, string folder, WeightEncoding? encoding, long shardBytes = DefaultShardBytes,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var weights = LlamaParameters.ShapesOf(checkpoint.Config)
            .Select(shape => (shape.Name, shape.Shape, Rows: RowsOf(checkpoint, shape.Name, encoding)))
            .ToList();
        var shards = Shards(weights, shardBytes);
        AtomicOutput.Folder(folder, part =>
        {
            var written = checkpoint.Config with { WeightType = TypeOf(weights[0].Rows.Encoding) };
            File.WriteAllText(Path.Combine(part, CheckpointLayout.ConfigName), written.ToJson());
            WriteGenerationConfig(checkpoint, part);
            checkpoint.Tokenizer.Save(part);
            WriteTemplate(checkpoint.Template, part);
            var work = new WorkCounter(progress, weights.Sum(weight => weight.Rows.Bytes));
            foreach (var (index, shard) in shards.Index())
            {
                SafetensorsWriter.Write(
                    Path.Combine(part, NameOf(index, shards.Count)),
                    shard.ToDictionary(weight => weight.Name, weight => (weight.Shape, weight.Rows)), work, cancellationToken);
            }

            if (shards.Count > 1)
            {
                WriteIndex(shards, Path.Combine(part, ShardedWeights.IndexFileName));
            }
        });
        return shards.Count;
    }

    private static EncodedRows RowsOf(Checkpoint checkpoint, string name, WeightEncoding? encoding)
    {
        var own = encoding ?? checkpoint.EncodingOf(name);
        return own is WeightEncoding.F32 or WeightEncoding.F16 or WeightEncoding.BF16
            ? new EncodedRows(name, own.Value, checkpoint.Rows(name), row => row)
            : throw new ModelFormatException(
                $"'{checkpoint.Folder}' holds weights in {own}, which Hugging Face's layout has no dtype for; say what to write them "
                    + "in: bf16, f16 or f32.");
    }

    // In the order of the network, as Hugging Face's own tools fill theirs.
    private static List<List<(string Name, ImmutableArray<long> Shape, EncodedRows Rows)>> Shards(
        List<(string Name, ImmutableArray<long> Shape, EncodedRows Rows)> weights, long shardBytes)
    {
        List<List<(string Name, ImmutableArray<long> Shape, EncodedRows Rows)>> shards = [];
        var room = 0L;
        foreach (var weight in weights)
        {
            if (shards.Count == 0 || weight.Rows.Bytes > room)
            {
                shards.Add([]);
                room = shardBytes;
            }

            shards[^1].Add(weight);
            room -= weight.Rows.Bytes;
        }

        return shards;
    }

    private static string NameOf(int index, int count) => count == 1
        ? ShardedWeights.SingleFileName
        : string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:D5}-of-{count:D5}.safetensors");

    private static void WriteIndex(List<List<(string Name, ImmutableArray<long> Shape, EncodedRows Rows)>> shards, string path)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(weight => weight.Rows.Bytes)));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        var places = shards.SelectMany((shard, index) => shard.Select(weight => (weight.Name, File: NameOf(index, shards.Count))));
        foreach (var (name, shard) in places.OrderBy(place => place.Name, StringComparer.Ordinal))
        {
            json.WriteString(name, shard);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteGenerationConfig(Checkpoint checkpoint, string folder)
    {
        var own = Path.Combine(checkpoint.Folder, CheckpointLayout.GenerationConfigName);
        var path = Path.Combine(folder, CheckpointLayout.GenerationConfigName);
        if (File.Exists(own))
        {
            File.Copy(own, path);
        }
        else
        {
            File.WriteAllText(path, GenerationConfig.Of(checkpoint.Config));
        }
    }

    // A guess is nothing that the model says of itself. One of Orca's own is written in its own form, which says more, and in Jinja.
    private static void WriteTemplate(PromptTemplate template, string folder)
    {
        if (template.IsGuess)
        {
            return;
        }

        template.Save(folder);
        if (template is SectionTemplate sections)
        {
            File.WriteAllText(Path.Combine(folder, ChatTemplateFiles.FileName), SectionTemplateJinja.Write(sections));
        }
    }

    private static ScalarType TypeOf(WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.F16 => ScalarType.Float16,
        WeightEncoding.BF16 => ScalarType.BFloat16,
        _ => ScalarType.Float32,
    };
}
