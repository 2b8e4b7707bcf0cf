namespace Orca.Cli.Configuration;

/// <summary>How much is collected.</summary>
internal sealed record CollectSettings
{
    [Setting(
        "Accepted traces after which collecting ends, those of earlier starts included; as many as the stages take where absent.",
        Unit = "traces", Minimum = 1, Maximum = 1e15)]
    public long? Accept { get; init; }

    [Setting(
        "Questions that may come to an end, accepted, rejected or left out, those of earlier starts included; no limit where absent.",
        Unit = "questions", Minimum = 1, Maximum = 1e15)]
    public long? Candidates { get; init; }

    [Setting(
        "Questions that a preview asks; up to five times as many where their answers differ too much for a price within 20 %.",
        Unit = "questions", Minimum = 2, Maximum = 1e6)]
    public int PreviewQuestions { get; init; } = 50;
}
