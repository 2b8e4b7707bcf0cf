namespace Orca.Streams.Collecting;

/// <summary>Why collecting has ended.</summary>
public enum CollectionEnd
{
    /// <summary>As many traces as were asked for are accepted.</summary>
    GoalReached,

    /// <summary>As many questions as may be have come to an end.</summary>
    CandidatesUsedUp,

    /// <summary>The last stage has no question left.</summary>
    QuestionsUsedUp,

    /// <summary>A budget has no room for another call: the run's, or that of every endpoint of the stage.</summary>
    BudgetSpent,

    /// <summary>The last stage's own budget has no room for another call.</summary>
    StageBudgetSpent,

    /// <summary>The stages have as many traces as they take, or nothing more is taught.</summary>
    StagesFilled,

    /// <summary>The caller cancelled it.</summary>
    Cancelled,

    /// <summary>The caller cancelled it since its time was over.</summary>
    OutOfTime,
}
