using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>In which order and mixture the student learns.</summary>
internal sealed record CurriculumSettings
{
    [Setting("Lessons of the assistant stage (terse answers) before the expert stage begins; 0 starts with the expert.", Unit = "lessons", Minimum = 0, Maximum = 1_000_000_000)]
    public long AssistantLessons { get; init; } = 1_500;

    [Setting("Weight of each collection among the questions, name=weight; collections not named weigh 1.", Minimum = 0, Maximum = 1_000_000)]
    public ImmutableSortedDictionary<string, double> Mixture { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting("Lessons that may wait for the trainer; when full, the teachers wait.", Unit = "lessons", Minimum = 1, Maximum = 1_000_000)]
    public int Capacity { get; init; } = 1_024;

    [Setting("Share of lessons drawn again from earlier ones.", Minimum = 0, Maximum = 0.95)]
    public double ReplayShare { get; init; }

    [Setting("Longest answer that screening lets pass.", Unit = "characters", Minimum = 1, Maximum = 1_000_000)]
    public int MaxAnswerCharacters { get; init; } = 8_000;
}
