using System.Collections.Immutable;
using System.Globalization;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Reports;

/// <summary>Records of a made-up student, the same every time: it knows BIG-Bench Hard's tasks about as well as Orca did.</summary>
internal static class ReportRecords
{
    private const string Letters = "ABCDEFG";

    private static readonly string[] Names = ["Alice", "Bob", "Claire", "Dave", "Eve", "Fred", "Gertrude"];

    /// <summary>What a run of them was planned as.</summary>
    public static RunPlan Plan { get; } = new()
    {
        Suite = "bbh",
        SuiteHash = "5f0c2e5b9a7d4e1f8c3b6a9d2e5f8c1b",
        Items = 250,
        Protocol = "robust",
        Options = new ProtocolOptions(),
        Subject = "orca-demo-13b",
    };

    /// <summary>Some of every task.</summary>
    /// <param name="itemsPerTask">Questions of each of the 23 tasks.</param>
    public static ImmutableArray<ItemRecord> Of(int itemsPerTask)
    {
        var random = new Random(20261130);
        var scores = PublishedRows.All.First(row => row is { Suite: "bbh", Model: "Orca-13B" }).Tasks;
        return [.. scores.SelectMany(task => Enumerable.Range(0, itemsPerTask).Select(
            row => Record(task.Key, row, random.NextDouble() * 100 < task.Value, random)))];
    }

    /// <summary>One record that says what it is told to say.</summary>
    public static ItemRecord One(string task, int row, string prompt, string response, string? answer = "A", bool isRight = true) => new()
    {
        Suite = "bbh",
        Task = task,
        Row = row,
        Item = string.Create(CultureInfo.InvariantCulture, $"{task}-{row}"),
        Protocol = "robust",
        Prompt = new Prompt { Text = prompt },
        Question = prompt,
        Gold = ["A"],
        Kind = AnswerKind.MultipleChoice,
        Chance = 0.25,
        Response = response,
        Answer = answer,
        IsRight = isRight,
        Version = "7",
        Time = new DateTimeOffset(2026, 11, 30, 9, 0, 0, TimeSpan.Zero).AddSeconds(row),
    };

    private static ItemRecord Record(string task, int row, bool isRight, Random random)
    {
        var options = OptionsOf(task);
        var gold = Letters[random.Next(options)];
        var answer = isRight ? gold : Letters[(Letters.IndexOf(gold, StringComparison.Ordinal) + 1 + random.Next(options - 1)) % options];
        // Long answers of two tasks do not come to their end.
        var isCut = !isRight && (task is "penguins_in_a_table" or "snarks") && random.Next(3) == 0;
        string Name() => Names[random.Next(Names.Length)];
        var prompt = $"{task.Replace('_', ' ')}: {Name()} gives {Name()} a ball, and {Name()} passes it on. Who holds it at the end?\n"
            + "Options:\n" + string.Join('\n', Letters[..options].Select(letter => $"({letter}) {Name()}"));
        var response = $"Let us go through it. At first {Name()} has the ball; then it changes hands. "
            + (isCut ? $"Now {Name()} and" : $"So the answer is ({answer}).");
        return One(task, row, prompt, response, isCut ? null : $"{answer}", isRight) with
        {
            Gold = [$"{gold}"],
            Chance = 1.0 / options,
            IsCut = isCut,
            Defect = (task, row % 25) switch
            {
                ("snarks" or "ruin_names", 7) => new Defect("two options are the same", 0.5),
                ("movie_recommendation", 3) => new Defect("no option is right", 1),
                _ => null,
            },
            PromptTokens = prompt.Length / 4,
            ResponseTokens = response.Length / 4,
            Seconds = 0.4 + (random.NextDouble() * 3),
        };
    }

    private static int OptionsOf(string task) => task switch
    {
        "boolean_expressions" or "causal_judgement" or "formal_fallacies" or "navigate" or "sports_understanding" or "web_of_lies" => 2,
        _ when task.EndsWith("three_objects", StringComparison.Ordinal) => 3,
        _ when task.EndsWith("five_objects", StringComparison.Ordinal) => 5,
        _ when task.EndsWith("seven_objects", StringComparison.Ordinal) => 7,
        _ => 4,
    };
}
