using System.Diagnostics;
using Orca.Model.Network;
using Orca.Training;
using Orca.Training.Adapters;
using Orca.Training.Memory;
using Orca.Training.Packing;
using Orca.Training.Parameters;
using Orca.Training.Speed;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Bench.Training;

/// <summary>What is measured.</summary>
/// <param name="Shape">Name of the shape.</param>
/// <param name="Config">The shape.</param>
/// <param name="Options">How it is trained.</param>
/// <param name="Steps">Steps of which the median counts, after one to warm up.</param>
/// <param name="WithPlain">Whether a plain TorchSharp network is timed beside it, step by step.</param>
internal sealed record TrainBenchPlan(string Shape, LlamaConfig Config, TrainerOptions Options, int Steps, bool WithPlain);

/// <summary>
/// Times optimizer steps in process, on the calling thread, on synthetic lessons. What it is compared with takes turns with it, since a
/// shared machine changes from second to second.
/// </summary>
internal static class TrainBench
{
    // Of libtorch's libraries, which are mapped and read as they are first used, and of what the runtime compiles: 50 and 25 MB at every
    // shape (the kinds of memory in /proc/PID/smaps before the first step and at the peak).
    private const long CodeBytes = 75_000_000;

    /// <summary>The row of the plan, then that of the plain network where there is one.</summary>
    public static IReadOnlyList<TrainBenchRow> Run(TrainBenchPlan plan, CancellationToken cancellationToken)
    {
        var options = plan.Options;
        if (options.Threads > 0)
        {
            set_num_threads(options.Threads);
        }

        var lessons = new SyntheticLessons(options.BatchRows, options.SequenceLength, plan.Config.VocabularySize);
        var device = torch.device(options.Device);
        using var peak = new Streams.PeakMemory();
        var planned = MemoryLedger.Of(plan.Config, options, [.. Beside(plan)]).Bytes;
        using var learner = new Learner(plan.Config, options);
        LlamaParameters.Initialize(plan.Config, seed: 1, learner.Load);
        var steps = new List<Timed>();
        var plainSteps = new List<Timed>();
        long ownPeak;
        using (var best = new BestProduct(
            plan.Config, options.BatchRows * options.SequenceLength, options.Compute == ComputeType.BFloat16, get_num_threads(), device))
        {
            // A plain network takes as much memory again: the peak is that of the first steps.
            Measure(best, lessons, batch => learner.Step([batch], options.Schedule.Peak), plan.Config, options.Lora, device);
            ownPeak = peak.Bytes;
            using var plain = plan.WithPlain ? new PlainNetwork(plan.Config, device) : null;
            for (var step = 0; step <= plan.Steps; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var timed = Measure(
                    best, lessons, batch => learner.Step([batch], options.Schedule.Peak), plan.Config, options.Lora, device);
                var plainTimed = plain is null
                    ? null
                    : Measure(best, lessons, batch => plain.Step(batch, device), plan.Config, LoraOptions.None, device);
                if (step > 0)
                {
                    steps.Add(timed);
                    plainSteps.AddRange(plainTimed is null ? [] : [plainTimed]);
                }
            }
        }

        var row = RowOf(plan, planned, steps) with { PeakBytes = ownPeak };
        return plainSteps.Count == 0
            ? [row]
            : [row, RowOf(plan, planned, plainSteps) with
            {
                Products = "plain",
                Compute = "fp32",
                LoraRank = 0,
                PlannedBytes = 0,
                PeakBytes = peak.Bytes - ownPeak,
            }];
    }

    private static IEnumerable<MemoryEntry> Beside(TrainBenchPlan plan)
    {
        var options = plan.Options;
        yield return new("the process", Environment.WorkingSet);
        yield return new("code that steps load", options.Device == "cpu" ? CodeBytes : 0);
        yield return new("the best product's operands", BestProduct.BytesOf(
            plan.Config, options.BatchRows * options.SequenceLength, options.Compute == ComputeType.BFloat16));
    }

    private static Timed Measure(
        BestProduct best, SyntheticLessons lessons, Action<PackedBatch> step, LlamaConfig config, LoraOptions lora, Device device)
    {
        var batch = lessons.Next();
        var before = best.FlopsPerSecond();
        var started = Stopwatch.GetTimestamp();
        step(batch);
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize();
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Timed(batch, seconds, (before + best.FlopsPerSecond()) / 2, FlopsOf(config, lora, batch));
    }

    /// <summary>
    /// Multiply-adds of a step's products, each counted as two, forward and twice as many backward, of frozen weights as many; attention
    /// is left out.
    /// </summary>
    private static double FlopsOf(LlamaConfig config, LoraOptions lora, PackedBatch batch)
    {
        var ofLayers = LayerMatrices(LlamaParameters.ShapesOf(config));
        var ofHead = (long)config.VocabularySize * config.HiddenSize;
        var own = (ofLayers * batch.Tokens.Length) + (ofHead * batch.Targets().Tokens.LongLength);
        return lora.IsOn
            ? (4.0 * own) + (6.0 * LayerMatrices(LoraShapes.Trained(config, lora)) * batch.Tokens.Length)
            : 6.0 * own;
    }

    private static long LayerMatrices(IEnumerable<ParameterShape> shapes) => shapes
        .Where(shape => !shape.IsVector && shape.Name.StartsWith(LlamaParameters.LayerPrefix, StringComparison.Ordinal))
        .Sum(shape => shape.Count);

    private static TrainBenchRow RowOf(TrainBenchPlan plan, long planned, IReadOnlyList<Timed> steps)
    {
        var parameters = LlamaParameters.ShapesOf(plan.Config).Sum(shape => shape.Count);
        var isOwn = ProductChoice.Of(plan.Options) == ProductKernels.Own;
        return new TrainBenchRow
        {
            Shape = plan.Shape,
            Parameters = parameters,
            Compute = plan.Options.Compute == ComputeType.BFloat16 ? "bf16" : "fp32",
            Products = isOwn ? "own" : "libtorch",
            Weights = plan.Options.Weights switch
            {
                WeightForm.Split => "split",
                WeightForm.BFloat16 => "bf16",
                _ => "fp32",
            },
            States = plan.Options.States == StateForm.Int8 ? "int8" : "fp32",
            Recompute = plan.Options.Recompute.ToString().ToLowerInvariant(),
            LoraRank = plan.Options.Lora.Rank,
            TokensPerStep = Median(steps.Select(step => (double)step.Batch.TokenCount)),
            TokensPerSecond = Median(steps.Select(step => step.Batch.TokenCount / step.Seconds)),
            BestProductGigaflops = Median(steps.Select(step => step.BestFlopsPerSecond)) / 1e9,
            ShareOfProduct = Median(steps.Select(step => step.Flops / step.BestFlopsPerSecond / step.Seconds)),
            PackingFill = Median(steps.Select(step => (double)step.Batch.TokenCount / step.Batch.Tokens.Length)),
            PlannedBytes = planned,
            PeakBytes = 0,
        };
    }

    private static double Median(IEnumerable<double> values) => Percentiles.Of(values)[50];

    private sealed record Timed(PackedBatch Batch, double Seconds, double BestFlopsPerSecond, double Flops);
}
