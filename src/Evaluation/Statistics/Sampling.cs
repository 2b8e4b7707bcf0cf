namespace Orca.Evaluation.Statistics;

/// <summary>What another run of the evaluation would draw anew: what an interval speaks of.</summary>
public enum Sampling
{
    /// <summary>Other items of the same tasks: "on this benchmark".</summary>
    Items,

    /// <summary>Other tasks with items of their own: "on tasks like these". Wider, by how much tasks differ.</summary>
    TasksAndItems,
}
