using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orca.Streams.Tasks;

namespace Orca.Streams.Bus;

/// <summary>How often the student is right, by task and difficulty, as it was found before teachers were asked. A value.</summary>
public sealed record StudentAnswers
{
    private const int FewAnswers = 20;

    /// <summary>It was asked nothing.</summary>
    public static StudentAnswers None { get; } = new();

    /// <summary>By <c>collection/task</c>.</summary>
    public ImmutableSortedDictionary<string, TaskAnswers> Tasks { get; init; } =
        ImmutableSortedDictionary.Create<string, TaskAnswers>(StringComparer.Ordinal);

    /// <summary>Of a task, or of one of its difficulties.</summary>
    public StudentTally Of(string collection, string task, int? difficulty = null) =>
        Tasks.GetValueOrDefault(Mixture.NameOf(collection, task)) is not { } known ? StudentTally.None
            : difficulty is { } level ? known.ByDifficulty.GetValueOrDefault(level) ?? StudentTally.None
            : known.All;

    /// <summary>The lowest difficulty of a task that the student does not know yet, from 1.</summary>
    /// <param name="collection">The task's collection.</param>
    /// <param name="task">The task.</param>
    /// <param name="accuracy">Share of right answers from which on it knows one.</param>
    public int NextDifficulty(string collection, string task, double accuracy)
    {
        var levels = Tasks.GetValueOrDefault(Mixture.NameOf(collection, task))?.ByDifficulty;
        var difficulty = 1;
        while (levels?.GetValueOrDefault(difficulty) is { } tally && tally.Answers >= FewAnswers && tally.Accuracy >= accuracy)
        {
            difficulty++;
        }

        return difficulty;
    }

    /// <summary>Share of right answers of late, by <c>collection/task</c>.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, double> Accuracies =>
        Tasks.ToImmutableSortedDictionary(task => task.Key, task => task.Value.All.Accuracy, StringComparer.Ordinal);

    /// <summary>With one answer more.</summary>
    public StudentAnswers With(StudentAnswered answered)
    {
        var name = Mixture.NameOf(answered.Collection, answered.Task);
        return this with { Tasks = Tasks.SetItem(name, (Tasks.GetValueOrDefault(name) ?? new TaskAnswers()).With(answered)) };
    }
}

/// <summary>How often the student is right in one task.</summary>
public sealed record TaskAnswers
{
    /// <summary>In all of it.</summary>
    public StudentTally All { get; init; } = StudentTally.None;

    /// <summary>By difficulty, where that is known.</summary>
    public ImmutableSortedDictionary<int, StudentTally> ByDifficulty { get; init; } = ImmutableSortedDictionary<int, StudentTally>.Empty;

    /// <summary>With one answer more.</summary>
    internal TaskAnswers With(StudentAnswered answered) => new()
    {
        All = All.With(answered),
        ByDifficulty = answered.Difficulty is { } level
            ? ByDifficulty.SetItem(level, (ByDifficulty.GetValueOrDefault(level) ?? StudentTally.None).With(answered))
            : ByDifficulty,
    };
}

/// <summary>How often the student is right among questions of a kind.</summary>
public sealed record StudentTally
{
    // It learns: what it answered long ago says little.
    private const int Recent = 50;
    private const double Deviations = 2;

    /// <summary>Nothing was asked.</summary>
    public static StudentTally None { get; } = new();

    /// <summary>Questions that it answered.</summary>
    public long Answers { get; init; }

    /// <summary>Those that it answered rightly.</summary>
    public long Right { get; init; }

    /// <summary>Share of right answers among the last 50 or so, 0 to 1.</summary>
    public double Accuracy { get; init; }

    /// <summary>Share of them that guessing would have made right.</summary>
    public double Chance { get; init; }

    /// <summary>
    /// Whether it is right more often than guessing makes it, by two standard deviations: a student that always says yes is right in half
    /// of all questions and knows none.
    /// </summary>
    [JsonIgnore]
    public bool IsAboveChance =>
        Answers > 0 && Accuracy - Chance > Deviations * Math.Sqrt(Chance * (1 - Chance) / Math.Min(Answers, Recent));

    /// <summary>With one answer more.</summary>
    internal StudentTally With(StudentAnswered answered)
    {
        var share = 1.0 / Math.Min(Answers + 1, Recent);
        return new StudentTally
        {
            Answers = Answers + 1,
            Right = Right + (answered.IsRight ? 1 : 0),
            Accuracy = Accuracy + (share * ((answered.IsRight ? 1 : 0) - Accuracy)),
            Chance = Chance + (share * (answered.Chance - Chance)),
        };
    }
}
