using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Tokenization;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>Writes a checkpoint as a GGUF file, for llama.cpp and all that stands on it.</summary>
public static class GgufExport
{
    /// <summary>Writes a new file, which appears when it is whole. One row at a time is converted, so little memory is needed.</summary>
    /// <param name="checkpoint">The model; its tokenizer must be a SentencePiece one.</param>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="encoding">
    /// What matrices are written in; those whose rows are no whole number of its blocks are written in F16. Norms are F32.
    /// </param>
    /// <param name="cancellationToken">Gives it up; nothing is left of the file then.</param>
    /// <exception cref="ModelFormatException">The model has what such a file cannot state.</exception>
    /// <exception cref="IOException">The file exists already, or the disk is full.</exception>
    public static void Write(Checkpoint checkpoint, string path, WeightEncoding encoding, CancellationToken cancellationToken = default)
    {
        using var writer = new GgufWriter();
        AddConfig(writer, checkpoint);
        AddTokenizer(writer, checkpoint);
        foreach (var weight in LlamaParameters.ShapesOf(checkpoint.Config))
        {
            AddWeight(writer, checkpoint, weight, encoding);
        }

        AddRotaryFactors(writer, checkpoint.Config);
        WriteWhole(writer, path, cancellationToken);
    }

    // Written beside, forced to the disk and renamed, so that nobody opens half a model.
    private static void WriteWhole(GgufWriter writer, string path, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
            {
                writer.WriteTo(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: false);
            Durable.FlushFolder(Path.GetDirectoryName(path)!);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static void AddConfig(GgufWriter writer, Checkpoint checkpoint)
    {
        var config = checkpoint.Config;
        writer.Add("general.architecture", "llama");
        writer.Add("general.name", Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint.Folder)));
        writer.Add("llama.vocab_size", (uint)config.VocabularySize);
        writer.Add("llama.context_length", (uint)config.MaxPositions);
        writer.Add("llama.embedding_length", (uint)config.HiddenSize);
        writer.Add("llama.feed_forward_length", (uint)config.IntermediateSize);
        writer.Add("llama.block_count", (uint)config.Layers);
        writer.Add("llama.attention.head_count", (uint)config.Heads);
        writer.Add("llama.attention.head_count_kv", (uint)config.KvHeads);
        writer.Add("llama.attention.key_length", (uint)config.HeadDim);
        writer.Add("llama.attention.value_length", (uint)config.HeadDim);
        writer.Add("llama.attention.layer_norm_rms_epsilon", (float)config.RmsNormEpsilon);
        writer.Add("llama.rope.dimension_count", (uint)config.HeadDim);
        writer.Add("llama.rope.freq_base", (float)config.RopeTheta);
        switch (config.RopeScaling)
        {
            case RopeScaling.Linear linear:
                writer.Add("llama.rope.scaling.type", "linear");
                writer.Add("llama.rope.scaling.factor", (float)linear.Factor);
                break;
            case RopeScaling.Dynamic:
                throw new ModelFormatException($"'{checkpoint.Folder}' scales its rotary positions dynamically, which GGUF has no word for.");
        }
    }

    private static void AddTokenizer(GgufWriter writer, Checkpoint checkpoint)
    {
        if (checkpoint.Tokenizer is not SentencePieceTokenizer { Model: var model } tokenizer)
        {
            throw new ModelFormatException($"'{checkpoint.Folder}' has a byte-level tokenizer; only those of SentencePiece can be written as GGUF.");
        }

        // What no piece stands for is padding, which the file names too.
        var padding = Enumerable.Range(model.Pieces.Length, checkpoint.Config.VocabularySize - model.Pieces.Length)
            .Select(id => new Piece($"[PAD{id}]", 0, PieceKind.Unused));
        var pieces = model.Pieces.Concat(padding).ToList();
        writer.Add("tokenizer.ggml.model", "llama");
        writer.Add("tokenizer.ggml.pre", "default");
        writer.Add("tokenizer.ggml.tokens", [.. pieces.Select(piece => piece.Text)]);
        writer.Add("tokenizer.ggml.scores", [.. pieces.Select(piece => piece.Score)]);
        writer.Add("tokenizer.ggml.token_type", [.. pieces.Select(piece => (int)piece.Kind)]);
        writer.Add("tokenizer.ggml.eos_token_id", (uint)tokenizer.EosId);
        if (tokenizer.BosId is { } start)
        {
            writer.Add("tokenizer.ggml.bos_token_id", (uint)start);
        }

        if (pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown) is >= 0 and var unknown)
        {
            writer.Add("tokenizer.ggml.unknown_token_id", (uint)unknown);
        }

        writer.Add("tokenizer.ggml.add_bos_token", tokenizer.BosId is not null);
        writer.Add("tokenizer.ggml.add_space_prefix", model.AddDummyPrefix);
        writer.Add("tokenizer.ggml.remove_extra_whitespaces", model.RemoveExtraWhitespaces);
    }

    private static void AddWeight(GgufWriter writer, Checkpoint checkpoint, ParameterShape weight, WeightEncoding encoding)
    {
        var name = GgufNames.Of(weight.Name);
        var rows = checkpoint.Rows(weight.Name);
        var headDim = checkpoint.Config.HeadDim;
        var own = weight.IsNorm ? WeightEncoding.F32
            : rows.Columns % encoding.BlockValues() == 0 ? encoding
            : WeightEncoding.F16;
        writer.AddTensor(name, own, weight.Shape, GgufNames.IsPaired(name)
            ? (row, to) => rows.ReadFloats(RotaryPairs.InHalves(row, headDim), to)
            : rows.ReadFloats);
    }

    private static void AddRotaryFactors(GgufWriter writer, LlamaConfig config)
    {
        if (config.RopeScaling is RopeScaling.Llama3 scaling)
        {
            var pairs = config.HeadDim / 2;
            writer.AddTensor(GgufNames.RotaryFactors, WeightEncoding.F32, [pairs], (_, to) =>
            {
                for (var pair = 0; pair < pairs; pair++)
                {
                    var unscaled = RopeScaling.Unscaled(pair, pairs, config.RopeTheta);
                    to[pair] = (float)(unscaled / scaling.Frequency(pair, pairs, config.RopeTheta, 1, config.MaxPositions));
                }
            });
        }
    }
}
