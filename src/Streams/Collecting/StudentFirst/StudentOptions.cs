using System.Collections.Immutable;

namespace Orca.Streams.Collecting.StudentFirst;

/// <summary>How a student is asked before teachers are.</summary>
/// <param name="Student">The student.</param>
public sealed record StudentOptions(IStudent Student)
{
    /// <summary>When it knows a question.</summary>
    public StudentMargin Margin { get; init; } = new();

    /// <summary>
    /// Share of the questions that a teacher is asked whatever the student says, 0 to 1, by the questions' ids and <see cref="Seed"/>
    /// alone: so that what it knows is taught now and then, and how often it is right is known without any choice. Default 0.1.
    /// </summary>
    public double AskAnywayShare { get; init; } = 0.1;

    /// <summary>Another seed asks others anyway.</summary>
    public long Seed { get; init; }

    /// <summary>Stages whose teacher is shown the student's wrong answer, to explain the mistake. Default: none.</summary>
    public ImmutableSortedSet<string> ExplainMistakesIn { get; init; } = [];

    /// <summary>Time that it has for a question; after that the teacher is asked. Default a minute.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time for which it is asked nothing after it has failed; questions go to the teacher at once. Default ten seconds.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    internal string? Fault => Margin.Fault
        ?? (AskAnywayShare is >= 0 and <= 1 ? null : $"AskAnywayShare is {AskAnywayShare}; give a number from 0 to 1.");
}

/// <summary>
/// When a student knows a question: it is right in so many of so many answers. The first is what it says by itself, the others are sampled;
/// it is asked no further once that is decided, so a question that it gets wrong costs one answer.
/// </summary>
/// <remarks>
/// What answers say is compared, not how likely they are: the likelihood of an explanation is that of its words, most of which decide
/// nothing. Against guesses <see cref="Bus.StudentTally.IsAboveChance"/> must hold for the question's task besides.
/// </remarks>
/// <param name="Right">Right answers that are enough.</param>
/// <param name="Of">Answers that it gives at most.</param>
public sealed record StudentMargin(int Right = 3, int Of = 3)
{
    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    internal string? Fault => Right >= 1 && Right <= Of ? null
        : $"The student's margin is {Right} of {Of} answers; give 1 or more right ones of as many or more.";

    /// <summary>Whether another answer would change nothing.</summary>
    /// <param name="right">Right answers by now.</param>
    /// <param name="answers">Answers by now.</param>
    internal bool IsDecided(int right, int answers) => right >= Right || right + (Of - answers) < Right;
}
