namespace Orca.Cli.Commands;

/// <summary>What the process says when it ends.</summary>
internal static class ExitCodes
{
    /// <summary>It did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>A check failed, or something broke that is no mistake of the user's.</summary>
    public const int Failed = 1;

    /// <summary>A mistake of the user's, told in one sentence.</summary>
    public const int Mistake = 2;
}
