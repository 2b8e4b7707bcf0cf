using System.Globalization;
using Orca.Model.Network;

namespace Orca.Training.Adapters;

/// <summary>Names and shapes of adapters: of a projection [O, I] an A of [rank, I] and a B of [O, rank].</summary>
public static class LoraShapes
{
    private const string Weight = ".weight";

    /// <summary>Name of the A of a projection, which is named without <c>.weight</c>.</summary>
    public static string DownOf(string projection) => projection + ".lora_A.weight";

    /// <summary>Name of the B of a projection, which is named without <c>.weight</c>.</summary>
    public static string UpOf(string projection) => projection + ".lora_B.weight";

    /// <summary>A weight's name without <c>.weight</c>.</summary>
    public static string ProjectionOf(string weight) => weight[..^Weight.Length];

    /// <summary>The parameters that are trained: those of all adapters, or without adapters the student's own.</summary>
    /// <exception cref="TrainingException">The rank is larger than a side of a projection.</exception>
    public static IReadOnlyList<ParameterShape> Trained(LlamaConfig config, LoraOptions options)
    {
        var own = LlamaParameters.ShapesOf(config);
        if (!options.IsOn)
        {
            return own;
        }

        var adapted = own.Where(shape => options.Adapts(shape.Name)).ToList();
        var narrowest = adapted.MinBy(shape => shape.Shape.Min())!;
        return options.Rank <= narrowest.Shape.Min()
            ? [.. adapted.SelectMany(shape => Of(shape, options.Rank))]
            : throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"training.lora.rank is {options.Rank}; it must be {narrowest.Shape.Min()} or less, the smaller side of "
                    + $"{ProjectionOf(narrowest.Name)} ({string.Join(" by ", narrowest.Shape)})."));
    }

    private static ParameterShape[] Of(ParameterShape weight, int rank)
    {
        var projection = ProjectionOf(weight.Name);
        return [new(DownOf(projection), [rank, weight.Shape[1]]), new(UpOf(projection), [weight.Shape[0], rank])];
    }
}
