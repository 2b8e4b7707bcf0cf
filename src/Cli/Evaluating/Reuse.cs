namespace Orca.Cli.Evaluating;

/// <summary>Whose answers in other runs are taken over instead of being asked for again.</summary>
internal enum Reuse
{
    /// <summary>Of the same weights, where it is known who answers.</summary>
    Weights,

    /// <summary>Of whoever was called the same: an endpoint's address and model say nothing of what answers there today.</summary>
    Name,

    /// <summary>Nobody's.</summary>
    None,
}
