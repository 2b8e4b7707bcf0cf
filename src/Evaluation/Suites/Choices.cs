using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>Options that are published as a list of texts, each usually with its letter: <c>(A)5</c>.</summary>
internal static partial class Choices
{
    /// <summary>The options; one without a letter has the one of its place.</summary>
    public static ImmutableArray<AnswerOption> Read(ImmutableArray<string> choices) =>
        [.. choices.Select((choice, place) => new AnswerOption(LetterOf(choice) ?? (char)('A' + place), TextOf(choice)))];

    /// <summary>The letter that an option is published with; null for none.</summary>
    public static char? LetterOf(string choice) => Letter().Match(choice) is { Success: true } letter ? letter.Groups["m"].Value[0] : null;

    private static string TextOf(string choice) => Letter().Replace(choice, "").Trim();

    [GeneratedRegex(@"^\s{0,8}\((?<m>[A-Z])\)")]
    private static partial Regex Letter();
}
