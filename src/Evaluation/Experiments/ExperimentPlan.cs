using System.Collections.Immutable;

namespace Orca.Evaluation.Experiments;

/// <summary>What an experiment is: fixed before it begins, and kept beside its results.</summary>
public sealed record ExperimentPlan
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is to tell.</summary>
    public required string Question { get; init; }

    /// <summary>What is known of it from elsewhere; null for nothing.</summary>
    public string? Published { get; init; }

    /// <summary>Names of the arms.</summary>
    public required ImmutableArray<string> Arms { get; init; }

    /// <summary>What every student is trained by, as names of folders: other settings under the same names are another plan.</summary>
    public required ImmutableArray<string> Students { get; init; }

    /// <summary>Pairs of arms that are compared, the one expected to be better first.</summary>
    public required ImmutableArray<ArmPair> Pairs { get; init; }

    /// <summary>Seeds, 1 to this.</summary>
    public required int Seeds { get; init; }

    /// <summary>Training steps of a student of an arm with a whole share of them.</summary>
    public required int Steps { get; init; }

    /// <summary>Questions of each family that each student is asked.</summary>
    public required int QuestionsPerTask { get; init; }

    /// <summary>Families that are left out of each seed's training, other ones each time.</summary>
    public required int HeldOutFamilies { get; init; }

    /// <summary>The protocols measured by, the one that decides first.</summary>
    public required ImmutableArray<string> Protocols { get; init; }

    /// <summary>The measure that decides, in words.</summary>
    public string Measure =>
        $"the mean over all families trained on of questions held out, chance-corrected, by the protocol '{Protocols[0]}'";
}

/// <summary>Two arms that are compared.</summary>
/// <param name="First">The one expected to be better.</param>
/// <param name="Second">The other.</param>
public sealed record ArmPair(string First, string Second);
