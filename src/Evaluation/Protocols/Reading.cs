namespace Orca.Evaluation.Protocols;

/// <summary>What a rule makes of a response.</summary>
/// <param name="Answer">The answer found; null where none is.</param>
/// <param name="IsRight">Whether it is a gold one; an answer that is not found is wrong.</param>
public readonly record struct Reading(string? Answer, bool IsRight)
{
    /// <summary>Nothing was found.</summary>
    public static Reading Unparsed => new(null, false);
}
