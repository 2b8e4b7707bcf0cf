using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orca.Training.Adapters;

/// <summary>
/// Settings of LoRA (Hu et al., arXiv 2106.09685): the student's own weights stay as they are, and beside projections of its layers two
/// narrow matrices are trained, so that y = W·x + alpha/rank · B·(A·x).
/// </summary>
public sealed record LoraOptions
{
    /// <summary>Names of the projections of a layer, in the order of the network.</summary>
    public static ImmutableArray<string> Projections { get; } =
        ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>No adapters: all weights are trained.</summary>
    public static LoraOptions None { get; } = new();

    /// <summary>Rows of A and columns of B, 0 or more; 0: no adapters.</summary>
    public int Rank { get; init; }

    /// <summary>
    /// The adapters' outputs are multiplied by this over the rank; above 0. The same for every rank, since then a step changes the outputs
    /// about as much, and a learning rate that suits one rank suits another (section 4.1 of the paper).
    /// </summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Which projections have adapters, at least one of <see cref="Projections"/>; kept in their order, each once.</summary>
    public ImmutableArray<string> Targets
    {
        get;
        init => field = [.. value.Distinct().OrderBy(name => Projections.IndexOf(name))];
    } = Projections;

    /// <summary>Whether there are adapters.</summary>
    [JsonIgnore]
    public bool IsOn => Rank > 0;

    /// <summary>What the adapters' outputs are multiplied by.</summary>
    [JsonIgnore]
    public double Scale => Alpha / Rank;

    /// <summary>Whether a weight, by its Hugging Face name, has an adapter beside it.</summary>
    public bool Adapts(string weight) =>
        Targets.Any(target => weight.EndsWith($".{target}.weight", StringComparison.Ordinal));

    /// <summary>Equal where rank, alpha and targets are.</summary>
    public bool Equals(LoraOptions? other) =>
        other is not null && Rank == other.Rank && Alpha.Equals(other.Alpha) && Targets.SequenceEqual(other.Targets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, Alpha, Targets.Length);
}
