namespace Orca.Evaluation.Experiments;

/// <summary>Two arms of an experiment by one measure.</summary>
/// <param name="First">Name of the first arm.</param>
/// <param name="Second">Name of the second.</param>
/// <param name="Questions">The questions measured on.</param>
/// <param name="Protocol">The protocol measured by.</param>
/// <param name="Seeds">The comparison.</param>
/// <param name="AdjustedP">
/// Its p, corrected for being one of so many comparisons of arms by this measure (Holm); null of one seed.
/// </param>
public sealed record ArmComparison(
    string First, string Second, string Questions, string Protocol, SeedComparison Seeds, double? AdjustedP);
