namespace Orca.Evaluation.Statistics;

/// <summary>What counts alike in a mean over tasks.</summary>
public enum Weighting
{
    /// <summary>Every task, however many items it has: the unweighted mean over tasks.</summary>
    EqualTasks,

    /// <summary>Every item: tasks count by their items.</summary>
    EqualItems,
}
