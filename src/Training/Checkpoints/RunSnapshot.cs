using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Checkpoints;

/// <summary>All that a checkpoint keeps of a run at one step: copied, so that it can be written while training goes on.</summary>
internal sealed class RunSnapshot : IDisposable
{
    private const string Master = "master.";

    private RunSnapshot(
        Dictionary<string, Tensor> weights, Dictionary<string, Tensor> optimizer, Dictionary<string, Tensor> adapters, SavedRun saved,
        CurriculumSnapshot? curriculum) =>
        (Weights, Optimizer, Adapters, Saved, Curriculum) = (weights, optimizer, adapters, saved, curriculum);

    /// <summary>The weights by name, in a type that what is published is cast from; borrowed.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Moments by name, and master weights where the published ones are narrower; borrowed.</summary>
    public IReadOnlyDictionary<string, Tensor> Optimizer { get; }

    /// <summary>Adapters in float32 by name, empty where there are none; borrowed. The weights have them merged in.</summary>
    public IReadOnlyDictionary<string, Tensor> Adapters { get; }

    /// <summary>Counters, packer and recipe.</summary>
    public SavedRun Saved { get; }

    /// <summary>The curriculum's state; null where there is none.</summary>
    public CurriculumSnapshot? Curriculum { get; }

    /// <summary>Name of a parameter's master weights.</summary>
    public static string MasterOf(string name) => Master + name;

    /// <summary>Takes one, between two steps.</summary>
    /// <param name="learner">The weights and moments.</param>
    /// <param name="options">Says in what the weights are published, and whether training goes on meanwhile.</param>
    /// <param name="saved">What is kept beside.</param>
    /// <param name="curriculum">The curriculum's state at that step.</param>
    public static RunSnapshot Of(Learner learner, TrainerOptions options, SavedRun saved, CurriculumSnapshot? curriculum)
    {
        using var guard = no_grad();
        var parameters = learner.Parameters;
        var isBeside = options.PublishInBackground;
        var isAdapted = learner.Adapted is not null;
        var type = options.ParameterForms.AreWeightsBFloat16 && !isAdapted ? ScalarType.BFloat16 : options.PublishedWeights.ToScalarType();
        var optimizer = MomentTensors.Of(parameters).ToDictionary(one => one.Name, one => Kept(one.Values));
        // Where training stands still meanwhile, the weights are cast as they are written; merged ones are copies in any case.
        var weights = learner.Names.ToDictionary(
            name => name, name => Kept(() => learner.KeptWeights(name), isBeside || isAdapted ? type : null));
        foreach (var name in HasMaster(options) ? parameters.Names : [])
        {
            optimizer.Add(MasterOf(name), isBeside ? Kept(() => parameters.Weights(name)) : weights[name]);
        }

        var adapters = (isAdapted ? parameters.Names : []).ToDictionary(name => name, name => Kept(() => parameters.Weights(name)));
        return new RunSnapshot(weights, optimizer, adapters, saved, curriculum);

        Tensor Kept(Func<Tensor> values, ScalarType? cast = null)
        {
            using var scope = NewDisposeScope();
            var found = values();
            return found.to(cast ?? found.dtype, CPU, copy: isBeside).DetachFromDisposeScope();
        }
    }

    /// <summary>Bytes of memory that the copies of one take.</summary>
    /// <param name="parameters">What is trained.</param>
    /// <param name="frozen">The weights beside which adapters are trained; none without adapters.</param>
    /// <param name="options">As for <see cref="Of"/>.</param>
    public static long Bytes(StudentParameters parameters, FrozenWeights frozen, TrainerOptions options)
    {
        var count = parameters.Buckets.Sum(bucket => bucket.Layout.Size);
        var moments = parameters.Buckets.Sum(bucket => bucket.FirstMoments.Bytes + (bucket.SecondMoments?.Bytes ?? 0));
        if (options.Lora.IsOn)
        {
            var published = options.PublishedWeights == ComputeType.Float32 ? sizeof(float) : sizeof(short);
            return (frozen.Count * published) + (options.PublishInBackground ? (count * sizeof(float)) + moments : 0);
        }

        if (!options.PublishInBackground)
        {
            // Their two halves are put together.
            return options.ParameterForms.Weights == WeightForm.Split ? count * sizeof(float) : 0;
        }

        var isNarrow = options.PublishedWeights != ComputeType.Float32 || options.ParameterForms.AreWeightsBFloat16;
        var each = (isNarrow ? sizeof(short) : sizeof(float)) + (HasMaster(options) ? sizeof(float) : 0);
        return (count * each) + moments;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Weights.Values.Concat(Optimizer.Values).Concat(Adapters.Values))
        {
            tensor.Dispose();
        }
    }

    private static bool HasMaster(TrainerOptions options) =>
        !options.Lora.IsOn && options.PublishedWeights != ComputeType.Float32 && !options.ParameterForms.AreWeightsBFloat16;
}
