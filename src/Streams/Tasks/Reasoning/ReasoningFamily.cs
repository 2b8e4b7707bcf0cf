using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>
/// One kind of generated reasoning task. Its explanations are traces of a small program: every step copies one item of
/// the question and then writes what follows from it and from what was written just before, so that a student of a few
/// layers can learn each step by copying and small tables.
/// </summary>
/// <remarks>
/// What small students learn fast and slowly was measured: items are numbered in question and explanation ("2)"), so
/// that each is found by its number; what is copied stands right behind the number, and an item is copied from its number on,
/// without gaps, before it is used; what a step decides is a word of its own before what follows from it; what is looked up
/// is looked up in many steps, not only for the answer; states have a fixed form; and what differs only to make questions
/// differ (names, things) is left out of the explanation where no step needs it.
/// </remarks>
public abstract class ReasoningFamily
{
    /// <summary>The hardest difficulty; 1 is the easiest.</summary>
    public const int MaxDifficulty = 4;

    /// <summary>Name of the task, lower case with underscores.</summary>
    public abstract string Name { get; }

    /// <summary>Probability that the best blind guess is right, over an even mixture of all difficulties.</summary>
    public double Chance => Enumerable.Range(1, MaxDifficulty).Average(ChanceAt);

    /// <summary>Probability that the best blind guess is right at one difficulty.</summary>
    public abstract double ChanceAt(int difficulty);

    /// <summary>Draws one instance; the same random state gives the same instance.</summary>
    /// <param name="random">Where all choices come from.</param>
    /// <param name="difficulty">Number of steps or objects, 1 to <see cref="MaxDifficulty"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such difficulty.</exception>
    public ReasoningInstance Generate(Random random, int difficulty)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(difficulty, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(difficulty, MaxDifficulty);
        var draft = Draw(random, difficulty);
        return new ReasoningInstance
        {
            Prompt = draft.Prompt,
            Gold = draft.Gold,
            Explanation = $"{draft.Steps} {ReasoningInstance.FinalLine(draft.Gold)}",
            AnswerKind = draft.Kind,
            Difficulty = difficulty,
            Chance = ChanceAt(difficulty),
        };
    }

    private protected abstract Draft Draw(Random random, int difficulty);

    /// <summary>What a family decides; the rest of an instance follows.</summary>
    private protected readonly record struct Draft(string Prompt, string Steps, string Gold, AnswerKind Kind = AnswerKind.Exact);
}

/// <summary>One question of a family with its solution.</summary>
public sealed record ReasoningInstance
{
    /// <summary>The question, one line.</summary>
    public required string Prompt { get; init; }

    /// <summary>The right answer.</summary>
    public required string Gold { get; init; }

    /// <summary>The solution step by step, one line that ends in <see cref="FinalLine"/>.</summary>
    public required string Explanation { get; init; }

    /// <summary>How the answer is found and compared.</summary>
    public required AnswerKind AnswerKind { get; init; }

    /// <summary>Number of steps or objects, from 1.</summary>
    public required int Difficulty { get; init; }

    /// <summary>Probability that the best blind guess is right.</summary>
    public required double Chance { get; init; }

    /// <summary>The sentence every explanation and every terse answer ends in.</summary>
    public static string FinalLine(string answer) => $"So the answer is {answer}.";
}
