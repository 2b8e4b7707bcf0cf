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
        GgufChatTemplate.Add(writer, checkpoint.Template);
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
        var prefix = GgufFamily.Of(config.Family).Name + ".";
        writer.Add("general.architecture", prefix[..^1]);
        writer.Add("general.name", Path.GetFileName(Path.TrimEndingDirectorySeparator(checkpoint.Folder)));
        writer.Add(prefix + "vocab_size", (uint)config.VocabularySize);

        // llama.cpp lets every token of these architectures see all before it: within a window that is the same.
        writer.Add(prefix + "context_length", (uint)(config.ShortestWindow ?? config.MaxPositions));
        writer.Add(prefix + "embedding_length", (uint)config.HiddenSize);
        writer.Add(prefix + "feed_forward_length", (uint)config.IntermediateSize);
        writer.Add(prefix + "block_count", (uint)config.Layers);
        writer.Add(prefix + "attention.head_count", (uint)config.Heads);
        writer.Add(prefix + "attention.head_count_kv", (uint)config.KvHeads);
        writer.Add(prefix + "attention.key_length", (uint)config.HeadDim);
        writer.Add(prefix + "attention.value_length", (uint)config.HeadDim);
        writer.Add(prefix + "attention.layer_norm_rms_epsilon", (float)config.RmsNormEpsilon);
        writer.Add(prefix + "rope.dimension_count", (uint)config.HeadDim);
        writer.Add(prefix + "rope.freq_base", (float)config.RopeTheta);
        if (config.RopeScaling is { } scaling)
        {
            GgufRotary.Write(writer, checkpoint.Folder, GgufFamily.Of(config.Family), scaling);
        }

        if ((config.HasFeedForwardBias || config.HasAttentionOutputBias) && !GgufFamily.Of(config.Family).MayHaveBiases)
        {
            // llama.cpp reads these biases in the architecture llama alone.
            throw new ModelFormatException(
                $"'{checkpoint.Folder}' is a {config.Family} with biases that GGUF's {prefix[..^1]} does not have; serve the folder as "
                    + "it is.");
        }
    }

    private static void AddTokenizer(GgufWriter writer, Checkpoint checkpoint)
    {
        if (checkpoint.Tokenizer is not SentencePieceTokenizer { Model: var model, Pieces: var named } tokenizer)
        {
            throw new ModelFormatException($"'{checkpoint.Folder}' has a byte-level tokenizer; only those of SentencePiece can be "
                + "written as GGUF.");
        }

        // What no piece stands for is padding, which the file names too.
        var padding = Enumerable.Range(named.Length, Math.Max(0, checkpoint.Config.VocabularySize - named.Length))
            .Select(id => new Piece($"[PAD{id}]", 0, PieceKind.Unused));
        var pieces = named.Concat(padding).Take(checkpoint.Config.VocabularySize).ToList();
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

        writer.Add("tokenizer.ggml.add_bos_token", !tokenizer.StartIds.IsEmpty);
        writer.Add("tokenizer.ggml.add_space_prefix", model.AddDummyPrefix);
        writer.Add("tokenizer.ggml.remove_extra_whitespaces", model.RemoveExtraWhitespaces);
    }

    private static void AddWeight(GgufWriter writer, Checkpoint checkpoint, ParameterShape weight, WeightEncoding encoding)
    {
        var name = GgufNames.Of(weight.Name);
        var rows = checkpoint.Rows(weight.Name);
        var headDim = GgufFamily.Of(checkpoint.Config.Family).IsPaired && GgufNames.IsRotated(name) ? checkpoint.Config.HeadDim : 0;
        var own = weight.IsVector ? WeightEncoding.F32
            : rows.Columns % encoding.BlockValues() == 0 ? encoding
            : WeightEncoding.F16;
        writer.AddTensor(name, own, weight.Shape, headDim == 0 ? rows.ReadFloats
            : weight.IsVector ? (_, to) => ReadNeighbours(rows, headDim, to)
            : (row, to) => rows.ReadFloats(RotaryPairs.InHalves(row, headDim), to));
    }

    private static void ReadNeighbours(IWeightRows vector, int headDim, Span<float> to)
    {
        var inHalves = new float[vector.Columns];
        vector.ReadFloats(0, inHalves);
        for (var i = 0; i < inHalves.Length; i++)
        {
            to[i] = inHalves[RotaryPairs.InHalves(i, headDim)];
        }
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
                    to[pair] = (float)(unscaled / scaling.Frequency(pair, pairs, config.RopeTheta, length: 1));
                }
            });
        }
    }
}
