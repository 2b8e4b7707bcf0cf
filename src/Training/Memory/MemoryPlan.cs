using System.Globalization;
using Orca.Model.Network;
using Orca.Training.Activations;
using Orca.Training.Parameters;

namespace Orca.Training.Memory;

/// <summary>Finds how a student can be trained in the memory that is there.</summary>
public static class MemoryPlan
{
    /// <summary>
    /// Options that fit: the given ones, or the first of those that save more and more and are the nearest to them: checkpoints written
    /// while training stands still, layers computed again, bfloat16, split weights, moments in 8 bits, weights in bfloat16 alone, layers
    /// moved in the backward pass, one row at a time.
    /// </summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="available">Bytes that may be taken, what lies <paramref name="beside"/> included.</param>
    /// <param name="beside">What else lies there.</param>
    /// <returns>Null where nothing fits.</returns>
    public static TrainerOptions? Fitting(LlamaConfig config, TrainerOptions options, long available, params MemoryEntry[] beside) =>
        Cheaper(options).Select(WithKernelsThatSuit)
            .FirstOrDefault(candidate => MemoryLedger.Of(config, candidate, beside).Bytes <= available);

    /// <summary>Refuses options that cannot fit.</summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">How it would learn.</param>
    /// <param name="available">Bytes that may be taken, what lies <paramref name="beside"/> included.</param>
    /// <param name="beside">What else lies there.</param>
    /// <returns>The ledger.</returns>
    /// <exception cref="TrainingException">They do not; the message says by how much, and what would make them fit.</exception>
    public static MemoryLedger Require(LlamaConfig config, TrainerOptions options, long available, params MemoryEntry[] beside)
    {
        var ledger = MemoryLedger.Of(config, options, beside);
        if (ledger.Bytes <= available)
        {
            return ledger;
        }

        var remedy = Fitting(config, options, available, beside) is { } fitting
            ? $"{string.Join(", ", Changes(options, fitting))} would take {Text(MemoryLedger.Of(config, fitting, beside).Bytes)} "
                + "(training.plan=Auto chooses so by itself)"
            : "no form of it fits; take a smaller student, shorter rows (training.sequenceLength) or a larger machine";
        throw new TrainingException(
            $"Training takes {Text(ledger.Bytes)} ({Parts(ledger)}), and {Text(available)} are free; {remedy}.");
    }

    /// <summary>A ledger in words: <c>weights 2.2 GB, gradients 2.2 GB, …</c>.</summary>
    public static string Parts(MemoryLedger ledger) =>
        string.Join(", ", ledger.Entries.Where(entry => entry.Bytes > 0).Select(entry => $"{entry.Name} {Text(entry.Bytes)}"));

    /// <summary>What options have otherwise than others, as settings: <c>training.states=Int8</c>.</summary>
    public static IEnumerable<string> Changes(TrainerOptions before, TrainerOptions after) =>
        from change in new (string Key, object? From, object? To)[]
        {
            ("products", before.Products, after.Products),
            ("compute", before.Compute, after.Compute), ("weights", before.Weights, after.Weights),
            ("states", before.States, after.States), ("recompute", before.Recompute, after.Recompute),
            ("optimizerInBackward", before.OptimizerInBackward, after.OptimizerInBackward),
            ("maxGradientNorm", before.MaxGradientNorm, after.MaxGradientNorm), ("batchRows", before.BatchRows, after.BatchRows),
            ("microBatches", before.MicroBatches, after.MicroBatches),
            ("publishInBackground", before.PublishInBackground, after.PublishInBackground),
        }
        where !Equals(change.From, change.To)
        select string.Create(
            CultureInfo.InvariantCulture, $"training.{change.Key}={(change.To is double.PositiveInfinity ? 0 : change.To)}");

    /// <summary>Bytes for people, in powers of ten.</summary>
    public static string Text(long bytes) => bytes >= 1e9
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F0} MB");

    // The server's kernels know no narrower weights, and need all gradients.
    private static TrainerOptions WithKernelsThatSuit(TrainerOptions options) =>
        options.Products == ProductKernels.Own && !ProductChoice.SuitsOwn(options)
            ? options with { Products = ProductKernels.Libtorch }
            : options;

    // The given ones first; each saves more than those before it, and costs more of speed or exactness.
    private static IEnumerable<TrainerOptions> Cheaper(TrainerOptions options)
    {
        yield return options;
        if (options.PublishInBackground)
        {
            yield return options = options with { PublishInBackground = false };
        }

        if (options.Recompute == Recompute.None)
        {
            yield return options = options with { Recompute = Recompute.Selective };
        }

        yield return options = options with { Recompute = Recompute.Full };
        if (options.Compute == ComputeType.Float32)
        {
            yield return options = options with { Compute = ComputeType.BFloat16, Weights = WeightForm.Split };
        }

        if (options.Weights == WeightForm.Float32)
        {
            yield return options = options with { Weights = WeightForm.Split };
        }

        yield return options = options with { States = StateForm.Int8 };
        yield return options = options with { Weights = WeightForm.BFloat16 };

        // The same batch in smaller parts.
        for (var rows = options.BatchRows; rows % 2 == 0; rows /= 2)
        {
            options = options with { BatchRows = rows / 2, MicroBatches = options.MicroBatches * 2 };
            yield return options;
        }

        if (options.MicroBatches == 1)
        {
            yield return options with { OptimizerInBackward = true, MaxGradientNorm = double.PositiveInfinity };
        }
    }
}
