namespace Orca.Evaluation.Judges;

/// <summary>A model that reviews answers.</summary>
public interface IJudge
{
    /// <summary>The model, as it stands in every judgement.</summary>
    string Name { get; }

    /// <summary>Its review; null where there is none for now and the next start is to ask again.</summary>
    /// <remarks>What it throws ends the judging; reviews that there are stay.</remarks>
    Task<Review?> ReviewAsync(ReviewRequest request, CancellationToken cancellationToken);
}
