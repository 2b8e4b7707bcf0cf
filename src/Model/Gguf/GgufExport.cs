using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>Writes a checkpoint as a GGUF file, for llama.cpp and all that stands on it.</summary>
public static class GgufExport
{
    /// <summary>
    /// Writes a new file, which appears when it is whole. A few rows at a time are converted, so little memory is needed.
    /// </summary>
    /// <param name="checkpoint">The model; its tokenizer must be a SentencePiece one.</param>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="encoding">
    /// What matrices are written in; those whose rows are no whole number of its blocks are written in Q8_0, or where that does not fit
    /// either in F16. Norms are F32.
    /// </param>
    /// <param name="progress">Is told of the bytes of weights that are written.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of the file then.</param>
    /// <returns>Matrices that were written in another encoding, by the file's names.</returns>
    /// <exception cref="ModelFormatException">The model has what such a file cannot state.</exception>
    /// <exception cref="IOException">The file exists already, or the disk is full.</exception>
    public static IReadOnlyList<(string Name, WeightEncoding Encoding)> Write(
        Checkpoint checkpoint, string path, WeightEncoding encoding, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        using var writer = new GgufWriter();
        AddConfig(writer, checkpoint);
        AddTokenizer(writer, checkpoint);
        GgufChatTemplate.Add(writer, checkpoint.Template);
        var others = new List<(string Name, WeightEncoding Encoding)>();
        foreach (var weight in LlamaParameters.ShapesOf(checkpoint.Config))
        {
            var (name, own) = AddWeight(writer, checkpoint, weight, encoding);
            if (!weight.IsVector && own != encoding)
            {
                others.Add((name, own));
            }
        }

        AddRotaryFactors(writer, checkpoint.Config);
        AtomicOutput.File(path, file => writer.WriteTo(file, progress, cancellationToken));
        return others;
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
        var pieces = named.Select((piece, id) => AsMerged(tokenizer, piece, id)).Concat(padding)
            .Take(checkpoint.Config.VocabularySize).ToList();
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

        writer.Add("tokenizer.ggml.add_bos_token", BeginsWithStart(checkpoint));
        writer.Add("tokenizer.ggml.add_space_prefix", model.AddDummyPrefix);
        writer.Add("tokenizer.ggml.remove_extra_whitespaces", model.RemoveExtraWhitespaces);
    }

    /// <summary>
    /// A model's own user-defined piece of one letter or two as one that merging finds, before all others: SentencePiece's result. As a
    /// user-defined one llama.cpp would cut the text there, and begin what stands behind it with a space.
    /// </summary>
    private static Piece AsMerged(SentencePieceTokenizer tokenizer, Piece piece, int id) =>
        piece.Kind == PieceKind.UserDefined && !tokenizer.IsAddedBeside(id) && piece.Text.EnumerateRunes().Count() <= 2
            ? new Piece(piece.Text, 1, PieceKind.Normal)
            : piece;

    // The file has one word for prompts and plain texts; what a student is asked counts. Where its template refuses every probe, the
    // tokenizer's own rule does.
    private static bool BeginsWithStart(Checkpoint checkpoint)
    {
        var start = checkpoint.Tokenizer.StartIds;
        foreach (var system in start.IsEmpty ? [] : new[] { "", "A system message." })
        {
            try
            {
                return checkpoint.Template.Prompt(checkpoint.Tokenizer, system, "A question.").AsSpan().StartsWith(start.AsSpan());
            }
            catch (PromptException)
            {
                // It wants a system message, or none of these roles.
            }
        }

        return !start.IsEmpty;
    }

    private static (string Name, WeightEncoding Encoding) AddWeight(
        GgufWriter writer, Checkpoint checkpoint, ParameterShape weight, WeightEncoding encoding)
    {
        var name = GgufNames.Of(weight.Name);
        var rows = checkpoint.Rows(weight.Name);
        var headDim = GgufFamily.Of(checkpoint.Config.Family).IsPaired && GgufNames.IsRotated(name) ? checkpoint.Config.HeadDim : 0;
        if (weight.IsVector)
        {
            writer.AddTensor(
                name, WeightEncoding.F32, weight.Shape, headDim == 0 ? rows.ReadFloats : (_, to) => ReadNeighbours(rows, headDim, to));
            return (name, WeightEncoding.F32);
        }

        WeightEncoding[] fitting = [encoding, WeightEncoding.Q8_0, WeightEncoding.F16];
        var own = fitting.First(one => rows.Columns % one.BlockValues() == 0);
        writer.AddTensor(
            name, weight.Shape,
            new EncodedRows(weight.Name, own, rows, row => headDim == 0 ? row : RotaryPairs.InHalves(row, headDim)));
        return (name, own);
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
