using Orca.Streams.Tasks;

namespace Orca.Streams.Sieves;

/// <summary>Leaves questions out before anything is paid for them. One caller at a time.</summary>
public interface IQuestionSieve
{
    /// <summary>Why a question is left out; null where it is not.</summary>
    SieveFinding? Look(TaskQuery query);
}

/// <summary>Why a question is left out.</summary>
/// <param name="Name">What it is counted under.</param>
/// <param name="Reason">What was found, one sentence.</param>
public sealed record SieveFinding(string Name, string Reason);

/// <summary>Leaves out what an evaluation asks.</summary>
/// <param name="index">The evaluations' items.</param>
public sealed class ContaminationSieve(ContaminationIndex index) : IQuestionSieve
{
    /// <inheritdoc/>
    public SieveFinding? Look(TaskQuery query) => index.Find(query) is not { } match
        ? null
        : new SieveFinding(
            $"contaminated:{match.Set}",
            $"It shares {(match.Rule is ContaminationRule.ThirteenWords ? "thirteen words in a row" : "its text")} with item "
                + $"{match.Row} of '{match.File}'.");
}

/// <summary>Leaves out what was asked before in nearly the same words.</summary>
/// <param name="questions">The questions that were met; each new one is added.</param>
public sealed class RepetitionSieve(RepeatedQuestions questions) : IQuestionSieve
{
    /// <inheritdoc/>
    public SieveFinding? Look(TaskQuery query) => questions.Meet(query) is not { } match
        ? null
        : new SieveFinding("repeated", $"It is nearly the question {match.Key:x16}…, which was met before.");
}
