using System.Collections.Immutable;
using Orca.Training.Adapters;

namespace Orca.Cli.Configuration;

/// <summary>Adapters that are trained in place of the student's own weights. Defaults are those of <see cref="LoraOptions"/>.</summary>
internal sealed record LoraSettings
{
    [Setting(
        "Rank of the adapters (LoRA) that are trained beside the student's frozen weights, and merged into what is published; 0 trains all "
            + "weights; where absent 0, or what the run was trained by until now.", Minimum = 0, Maximum = 65_536)]
    public int? Rank { get; init; }

    [Setting(
        "Adapters' outputs are multiplied by this over the rank; where absent by 16 over it, whatever the rank, so that a learning rate "
            + "suits all ranks.", Minimum = 1e-6, Maximum = 1e6)]
    public double? Alpha { get; init; }

    [Setting(
        "Projections that have adapters; where absent all of them.",
        OneOf = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])]
    public ImmutableArray<string>? Targets { get; init; }

    /// <summary>The trainer's options.</summary>
    /// <param name="before">The run's until now, which what is left open goes on with; null where it had none.</param>
    public LoraOptions ToOptions(LoraOptions? before)
    {
        before ??= LoraOptions.None;
        return (Rank ?? before.Rank) == 0
            ? LoraOptions.None
            : new LoraOptions { Rank = Rank ?? before.Rank, Alpha = Alpha ?? before.Alpha, Targets = Targets ?? before.Targets };
    }
}
