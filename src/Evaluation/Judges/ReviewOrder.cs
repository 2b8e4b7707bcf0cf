namespace Orca.Evaluation.Judges;

/// <summary>What a judge is shown, and in which order.</summary>
public enum ReviewOrder
{
    /// <summary>One answer, by itself.</summary>
    Alone,

    /// <summary>The candidate's answer, then the reference's.</summary>
    CandidateFirst,

    /// <summary>The reference's answer, then the candidate's.</summary>
    ReferenceFirst,
}
