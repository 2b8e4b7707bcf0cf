using System.Collections.Immutable;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Runs;

/// <summary>
/// What judges said of a run's answers, <c>judgements.jsonl</c> in its folder: each review is appended as it came. It holds those of all
/// judges and all comparisons that were ever made of the run.
/// </summary>
public sealed class JudgementFile : IDisposable
{
    private const string Name = "judgements.jsonl";

    private readonly AppendedRecords<Judgement> judgements;

    private JudgementFile(AppendedRecords<Judgement> judgements) => (Done, this.judgements) = ([.. judgements.Done], judgements);

    /// <summary>The judgements that were there when it was opened.</summary>
    public ImmutableArray<Judgement> Done { get; }

    /// <summary>The file of a run's folder.</summary>
    public static string Of(string run) => Path.Combine(run, Name);

    /// <summary>Opens the file of a run's folder, or begins it. Another process cannot write to it meanwhile.</summary>
    /// <exception cref="EvaluationException">It is damaged, cannot be written, or another process writes to it.</exception>
    public static JudgementFile Open(string run)
    {
        try
        {
            return new JudgementFile(new AppendedRecords<Judgement>(Of(run)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException(
                $"'{Of(run)}' cannot be opened: {failure.Message} Wait for whoever judges this run, or check the folder's permissions.",
                failure);
        }
    }

    /// <summary>Appends a judgement. Any thread.</summary>
    public void Add(Judgement judgement) => judgements.Add(judgement);

    /// <inheritdoc/>
    public void Dispose() => judgements.Dispose();
}
