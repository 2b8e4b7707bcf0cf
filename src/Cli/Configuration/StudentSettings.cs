namespace Orca.Cli.Configuration;

/// <summary>The student that a new run starts from.</summary>
internal sealed record StudentSettings
{
    [Setting("Hugging Face folder of the student; the embedded one, freshly initialised, where absent.")]
    public string? Folder { get; init; }
}
