using System.Security.Cryptography;
using System.Text;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Serving.Engine;
using static TorchSharp.torch;

namespace Orca.Serving.Checkpoints;

/// <summary>Reads a checkpoint, checks it as a whole, and makes a version of it. Runs beside the engine, never on its thread.</summary>
internal static class CheckpointReader
{
    /// <summary>Reads and checks a folder.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="number">The version's number.</param>
    /// <param name="previous">Language of the version before; kept where it is the same.</param>
    /// <param name="options">Type and place of the computation.</param>
    /// <returns>The version, which the caller owns, and what is known of it.</returns>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete, malformed or damaged, or a weight is no number. Nothing of it stays in memory.</exception>
    public static (StudentVersion Version, CheckpointFacts Facts) Read(string folder, long number, StudentLanguage? previous, EngineOptions options)
    {
        var checkpoint = Checkpoint.Open(folder);
        IInferenceModel? model = null;
        try
        {
            var nonFinite = CountNonFinite(checkpoint);
            if (nonFinite > 0)
            {
                throw new NonFiniteWeightsException(nonFinite, folder);
            }

            model = InferenceModels.Load(checkpoint, options.Inference);
            var version = new StudentVersion(number, LanguageReader.Of(checkpoint, previous), model, checkpoint);
            return (version, FactsOf(checkpoint, model));
        }
        catch
        {
            model?.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    private static CheckpointFacts FactsOf(Checkpoint checkpoint, IInferenceModel model) => new(
        checkpoint.Manifest is { } manifest ? DigestOf(manifest) : "",
        checkpoint.Manifest?.Step ?? 0,
        model.WeightBytes,
        new ValidationFindings(DigestsMatch: checkpoint.Manifest is not null, ShapesMatch: true, NonFiniteValues: 0, Violations: []));

    private static string DigestOf(CheckpointManifest manifest) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(manifest.Digests.Select(file => $"{file.Key}:{file.Value}\n")))));

    private static long CountNonFinite(Checkpoint checkpoint)
    {
        var count = 0L;
        foreach (var shape in LlamaParameters.ShapesOf(checkpoint.Config))
        {
            using var scope = NewDisposeScope();
            var finite = checkpoint.Weight(shape.Name).isfinite();
            count += finite.numel() - finite.sum().item<long>();
        }

        return count;
    }
}

/// <summary>What is known of a checkpoint that passed.</summary>
/// <param name="Digest">SHA-256 over the digests of its files; empty without a manifest.</param>
/// <param name="TrainerStep">The step it was published at; 0 without a manifest.</param>
/// <param name="WeightBytes">Bytes of its weights in memory.</param>
/// <param name="Findings">What the checks found.</param>
internal sealed record CheckpointFacts(string Digest, long TrainerStep, long WeightBytes, ValidationFindings Findings);

/// <summary>Weights that are no numbers.</summary>
internal sealed class NonFiniteWeightsException(long count, string folder)
    : Exception($"'{folder}' has {count} weights that are infinite or not a number; use an earlier checkpoint.")
{
    /// <summary>How many.</summary>
    public long Count { get; } = count;
}
