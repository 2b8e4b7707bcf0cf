using System.Globalization;
using System.Text.RegularExpressions;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Optimization;
using Orca.Training.Parameters;

namespace Orca.Training;

/// <summary>Checks <see cref="TrainerOptions"/>, all of it at once.</summary>
internal static partial class TrainerOptionsFaults
{
    // A timer of the runtime holds 49 days.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(40);

    /// <summary>The faults, in the order of the settings.</summary>
    public static IReadOnlyList<string> Of(TrainerOptions options)
    {
        var faults = new List<string>();
        Require(options.BatchRows >= 1, "batchRows", options.BatchRows, "1 or more", "2 suits a small student");
        Require(options.SequenceLength >= 2, "sequenceLength", options.SequenceLength, "2 or more", "use the length of the longest lesson");
        Require(options.MicroBatches >= 1, "microBatches", options.MicroBatches, "1 or more", "1 accumulates nothing");
        Require(options.PackingLookahead is >= 0 and <= 4_096, "packingLookahead", options.PackingLookahead, "0 to 4096", "8 packs well");
        Require(options.Lora.Rank >= 0, "lora.rank", options.Lora.Rank, "0 or more", "0 trains all weights, 8 is a usual adapter");
        Require(IsPositive(options.Lora.Alpha), "lora.alpha", options.Lora.Alpha, "above 0", "16 is usual");
        Require(
            options.Lora.Targets.Length > 0 && options.Lora.Targets.All(LoraOptions.Projections.Contains), "lora.targets",
            $"'{string.Join(',', options.Lora.Targets)}'", $"one or more of {string.Join(", ", LoraOptions.Projections)}",
            "all of them learn most");
        Require(
            IsPositive(options.Schedule.Peak), "learningRate", options.Schedule.Peak, "above 0",
            "0.004 suits a small student, 0.00002 a large one");
        Require(
            Enum.IsDefined(options.Optimizer), "optimizer", options.Optimizer, OneOf<OptimizerKind>(), "AdamW suits a pretrained student");
        Require(
            IsPositive(options.Muon.LearningRate), "matrixLearningRate", options.Muon.LearningRate, "above 0",
            "0.012 suits a small student");
        Require(options.Muon.Momentum is >= 0 and < 1, "momentum", options.Muon.Momentum, "0 to below 1", "0.95 is usual");
        Require(options.Schedule.WarmUpSteps >= 0, "warmUpSteps", options.Schedule.WarmUpSteps, "0 or more", "50 is usual");
        Require(Enum.IsDefined(options.Schedule.Shape), "decay", options.Schedule.Shape, OneOf<DecayShape>(), "Cosine is usual");
        Require(
            options.Schedule.FinalFraction is >= 0 and <= 1, "finalLearningRateFraction", options.Schedule.FinalFraction, "0 to 1",
            "0.1 is usual");
        Require(
            options.Schedule.TailFraction is > 0 and <= 1, "decayTailFraction", options.Schedule.TailFraction, "above 0, to 1",
            "0.2 is usual");
        Require(options.AdamW.Beta1 is >= 0 and < 1, "beta1", options.AdamW.Beta1, "0 to below 1", "0.9 is usual");
        Require(options.AdamW.Beta2 is >= 0 and < 1, "beta2", options.AdamW.Beta2, "0 to below 1", "0.98 is usual");
        Require(IsPositive(options.AdamW.Epsilon), "epsilon", options.AdamW.Epsilon, "above 0", "1e-8 is usual");
        Require(
            options.AdamW.WeightDecay >= 0 && double.IsFinite(options.AdamW.WeightDecay), "weightDecay", options.AdamW.WeightDecay,
            "0 or more", "0.01 suits a small student, 0.1 a large one");
        Require(IsPositive(options.Practice.Weight), "practiceWeight", options.Practice.Weight, "above 0", "1 is as much as teaching");
        Require(options.Practice.TopTokens >= 1, "practiceTopTokens", options.Practice.TopTokens, "1 or more", "50 is nearly all");
        Require(options.MaxGradientNorm > 0, "maxGradientNorm", options.MaxGradientNorm, "above 0", "1 is usual");
        Require(Enum.IsDefined(options.Compute), "compute", options.Compute, OneOf<ComputeType>(), "Float32 suits a small student");
        Require(
            Enum.IsDefined(options.Weights) && (options.Weights == WeightForm.Float32 || options.Compute == ComputeType.BFloat16),
            "weights", options.Weights, "Float32 where training.compute is Float32", "with training.compute=BFloat16 it may be "
                + OneOf<WeightForm>());
        Require(Enum.IsDefined(options.States), "states", options.States, OneOf<StateForm>(), "Float32 is the safe choice");
        Require(Enum.IsDefined(options.Recompute), "recompute", options.Recompute, OneOf<Recompute>(), "None is fastest");
        RequireInBackward(options.MicroBatches == 1, "one micro-batch a step (training.microBatches=1)");
        RequireInBackward(
            double.IsPositiveInfinity(options.MaxGradientNorm), "gradients that are not clipped (training.maxGradientNorm=0)");
        RequireInBackward(options.Recompute != Recompute.None, "layers that are recomputed (training.recompute=Full)");
        Require(DeviceName().IsMatch(options.Device), "device", $"'{options.Device}'", "cpu, cuda or cuda:N", "cpu works everywhere");
        Require(
            options.Products is null or ProductKernels.Libtorch
                || (options.Products == ProductKernels.Own && ProductChoice.SuitsOwn(options)),
            "products", options.Products, $"Libtorch on {options.Device}, with these weights and this backward pass",
            "Own is for the processor, weights in Float32 and gradients that are held; a run that began with it goes on with "
                + "training.changeRecipe=true");
        Require(options.Threads is >= 0 and <= 1024, "threads", options.Threads, "0 to 1024", "0 leaves the choice to libtorch");
        Require(
            options.PublishEverySteps >= 0, "publishEverySteps", options.PublishEverySteps, "0 or more",
            "0 publishes by time and at the end only");
        Require(
            options.PublishEvery is null || options.PublishEvery > TimeSpan.Zero, "publishEvery", options.PublishEvery, "above 0",
            "leave it out to publish by steps only");
        Require(
            Enum.IsDefined(options.PublishedWeights), "publishedWeights", options.PublishedWeights, OneOf<ComputeType>(),
            "Float32 is the safe choice");
        Require(options.KeepCheckpoints >= 1, "keepCheckpoints", options.KeepCheckpoints, "1 or more", "5 leaves room to go back");
        Require(options.MaxSteps is null or >= 1, "maxSteps", options.MaxSteps, "1 or more", "leave it out for a run without end");
        Require(
            options.MaxDuration is null || (options.MaxDuration > TimeSpan.Zero && options.MaxDuration <= LongestDuration),
            "maxDuration", options.MaxDuration, "above 0, to 40 days", "leave it out for a run without end");
        Require(options.MaxFailedSteps >= 1, "maxFailedSteps", options.MaxFailedSteps, "1 or more", "10 is usual");
        return faults;

        void RequireInBackward(bool holds, string wanted)
        {
            if (options.OptimizerInBackward && !holds)
            {
                faults.Add($"training.optimizerInBackward needs {wanted}, since it moves a layer before the others have gradients.");
            }
        }

        void Require(bool holds, string key, object? found, string wanted, string remedy)
        {
            if (!holds)
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"training.{key} is {found}; it must be {wanted} ({remedy})."));
            }
        }
    }

    private static bool IsPositive(double value) => value > 0 && double.IsFinite(value);

    private static string OneOf<T>()
        where T : struct, Enum => string.Join(" or ", Enum.GetNames<T>());

    [GeneratedRegex("^(cpu|cuda(:[0-9]{1,3})?)$")]
    private static partial Regex DeviceName();
}
