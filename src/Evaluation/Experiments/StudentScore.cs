namespace Orca.Evaluation.Experiments;

/// <summary>What one student reached on one set of questions under one protocol. Shares, 0 to 1.</summary>
/// <param name="Questions">Which: <see cref="HeldOutInstances"/> or <see cref="HeldOutFamilies"/>.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="ChanceCorrected">Unweighted mean of the tasks, from guessing (0) to perfect (1).</param>
/// <param name="Accuracy">Unweighted mean of the tasks.</param>
/// <param name="ParseFailures">Share of the answers in which none was found.</param>
/// <param name="Items">Questions asked.</param>
public sealed record StudentScore(
    string Questions, string Protocol, double ChanceCorrected, double Accuracy, double ParseFailures, int Items)
{
    /// <summary>Questions that nobody was trained on, of tasks that the student was trained on.</summary>
    public const string HeldOutInstances = "held-out instances";

    /// <summary>Questions of tasks that the student was not trained on.</summary>
    public const string HeldOutFamilies = "held-out families";
}
