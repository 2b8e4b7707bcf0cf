using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Checkpoints;

/// <summary>All that a checkpoint keeps of a run at one step: copied, so that it can be written while training goes on.</summary>
internal sealed class RunSnapshot : IDisposable
{
    private const string Master = "master.";

    private RunSnapshot(
        Dictionary<string, Tensor> weights, Dictionary<string, Tensor> optimizer, SavedRun saved, CurriculumSnapshot? curriculum) =>
        (Weights, Optimizer, Saved, Curriculum) = (weights, optimizer, saved, curriculum);

    /// <summary>The weights by name, in a type that what is published is cast from; borrowed.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Moments by name, and master weights where the published ones are narrower; borrowed.</summary>
    public IReadOnlyDictionary<string, Tensor> Optimizer { get; }

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
        var type = options.ParameterForms.AreWeightsBFloat16 ? ScalarType.BFloat16 : options.PublishedWeights.ToScalarType();
        var optimizer = MomentTensors.Of(parameters).ToDictionary(one => one.Name, one => Kept(one.Values));
        // Where training stands still meanwhile, the weights are cast as they are written.
        var weights = parameters.Names.ToDictionary(name => name, name => Kept(() => parameters.KeptWeights(name), isBeside ? type : null));
        foreach (var name in HasMaster(options) ? parameters.Names : [])
        {
            optimizer.Add(MasterOf(name), isBeside ? Kept(() => parameters.Weights(name)) : weights[name]);
        }

        return new RunSnapshot(weights, optimizer, saved, curriculum);

        Tensor Kept(Func<Tensor> values, ScalarType? cast = null)
        {
            using var scope = NewDisposeScope();
            var found = values();
            return found.to(cast ?? found.dtype, CPU, copy: isBeside).DetachFromDisposeScope();
        }
    }

    /// <summary>Bytes of memory that the copies of one take.</summary>
    public static long Bytes(StudentParameters parameters, TrainerOptions options)
    {
        var count = parameters.Buckets.Sum(bucket => bucket.Layout.Size);
        if (!options.PublishInBackground)
        {
            // Their two halves are put together.
            return options.ParameterForms.Weights == WeightForm.Split ? count * sizeof(float) : 0;
        }

        var isNarrow = options.PublishedWeights != ComputeType.Float32 || options.ParameterForms.AreWeightsBFloat16;
        var each = (isNarrow ? sizeof(short) : sizeof(float)) + (HasMaster(options) ? sizeof(float) : 0);
        return (count * each) + parameters.Buckets.Sum(bucket => bucket.FirstMoments.Bytes + (bucket.SecondMoments?.Bytes ?? 0));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Weights.Values.Concat(Optimizer.Values))
        {
            tensor.Dispose();
        }
    }

    private static bool HasMaster(TrainerOptions options) =>
        options.PublishedWeights != ComputeType.Float32 && !options.ParameterForms.AreWeightsBFloat16;
}
