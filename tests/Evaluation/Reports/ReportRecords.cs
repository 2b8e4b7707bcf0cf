using System.Collections.Immutable;
using System.Globalization;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Reports;

/// <summary>Records of a made-up student, the same every time: BIG-Bench Hard's tasks, each with questions that it knows as well as papers say.</summary>
internal static class ReportRecords
{
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
    /// <param name="textLength">Characters to which prompt and response are filled up.</param>
    public static ImmutableArray<ItemRecord> Of(int itemsPerTask, int textLength = 0)
    {
        var random = new Random(20261130);
        var scores = PublishedRows.All.First(row => row is { Suite: "bbh", Model: "Orca-13B" }).Tasks;
        return [.. scores.SelectMany(task => Enumerable.Range(0, itemsPerTask).Select(
            row => Record(task.Key, row, random.NextDouble() * 100 < task.Value, random, textLength)))];
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

    private static ItemRecord Record(string task, int row, bool isRight, Random random, int textLength)
    {
        var (gold, fillings) = ((char)('A' + random.Next(4)), "Alice Bob Claire Dave Eve Fred Gertrude ball book present".Split(' '));
        var (answer, isCut) = (isRight ? gold : (char)('A' + ((gold - 'A' + 1 + random.Next(3)) % 4)), !isRight && random.Next(12) == 0);
        string Filling() => fillings[random.Next(fillings.Length)];
        var prompt = $"{task.Replace('_', ' ')}: {Filling()} gives {Filling()} a {Filling()}. Who holds it at the end?\nOptions:\n"
            + string.Join('\n', "ABCD".Select(letter => $"({letter}) {Filling()}"));
        var response = $"Let us go through it. At first {Filling()} has the {Filling()}; then it changes hands. "
            + (isCut ? $"Now {Filling()} and" : $"So the answer is ({answer}).");
        return One(task, row, Filled(prompt, textLength), Filled(response, textLength), isCut ? null : $"{answer}", isRight) with
        {
            Gold = [$"{gold}"],
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

    private static string Filled(string text, int length)
    {
        const string Padding = " And so it goes on from hand to hand.";
        var missing = Math.Max(0, length - text.Length);
        return text + string.Concat(Enumerable.Repeat(Padding, (missing / Padding.Length) + 1))[..missing];
    }
}
