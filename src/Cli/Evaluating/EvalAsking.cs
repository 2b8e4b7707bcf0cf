using System.Collections.Immutable;
using System.Globalization;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;

namespace Orca.Cli.Evaluating;

/// <summary>A benchmark as it is asked: by which protocol, with which options, how often.</summary>
/// <param name="Suite">The questions.</param>
/// <param name="Protocol">How they are asked and read.</param>
/// <param name="Options">What is chosen about that.</param>
/// <param name="Repeats">Samples of each question, 1 or more.</param>
/// <param name="Settings">The settings of this start.</param>
internal sealed record EvalAsking(
    EvaluationSuite Suite, IProtocol Protocol, ProtocolOptions Options, int Repeats, OrcaSettings Settings)
{
    // Before a run nobody knows on how many questions two students will differ; a quarter is usual between a student and its next version.
    private const double UsualDiscordance = 0.25;

    /// <summary>Folder of the run that taught the student; null where that is not known.</summary>
    public string? Lessons { get; init; }

    /// <summary>Whose answers in runs beside this one are taken over.</summary>
    public Reuse Reuse { get; init; }

    /// <summary>
    /// What a comparison of two such runs could find: of the mean of the tasks, in which small tasks count as much as large ones.
    /// </summary>
    public string Detectable
    {
        get
        {
            int[] sizes = [.. Suite.Tasks.Select(task => task.Items.Length).Where(items => items > 0)];
            var points = (100 * DetectableDifference.Of(sizes, UsualDiscordance)).ToString("F1", CultureInfo.InvariantCulture);
            return $"{sizes.Sum()} questions: a difference of {points} points between two runs is found in 80 of 100 comparisons, if the "
                + "runs differ on a quarter of the questions.";
        }
    }

    /// <summary>A new folder below <c>evaluations</c>.</summary>
    public string NewFolder => Path.Combine(
        "evaluations",
        string.Create(
            CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{Suite.Name}-{Protocol.Name}"));

    /// <summary>Asks what the folder has no answer to, and writes the report beside the answers.</summary>
    /// <param name="subject">Who is asked.</param>
    /// <param name="folder">Where answers are kept.</param>
    /// <param name="cancellationToken">Ends it; what was answered stays.</param>
    public async Task<(EvaluationReport Report, ImmutableArray<ItemRecord> Records)> AskAsync(
        EvalSubject subject, string folder, CancellationToken cancellationToken)
    {
        var plan = new RunPlan
        {
            Suite = Suite.Name,
            SuiteHash = Suite.Hash,
            Items = Suite.Items.Count(),
            Protocol = Protocol.Name,
            Options = Options,
            Repeats = Repeats,
            Subject = subject.Student.Name,
        };
        var run = new EvaluationRun(Suite, Protocol, plan, TimeProvider.System);
        using var open = EvaluationFolder.Open(folder, plan);
        var answered = open.Done.Where(record => record.Refusal is null);
        if (subject.Version is { } version && answered.FirstOrDefault(record => record.Version != version) is { } foreign)
        {
            throw new CommandException(
                $"The run '{folder}' was begun with the weights '{foreign.Version}', and '{plan.Subject}' holds '{version}' now; give "
                    + "--run another folder.");
        }

        var contamination = Lessons is { } lessons ? SeenLessons.In(lessons, Suite) : null;
        var earlier = Reuse == Reuse.Name || (Reuse == Reuse.Weights && subject.Version is not null)
            ? EarlierAnswers.Beside(folder, plan, Reuse == Reuse.Name ? null : subject.Version)
            : [];
        if (earlier.Length > 0)
        {
            Console.Error.WriteLine($"Runs beside '{folder}' hold {earlier.Length} answers of {subject.Version ?? plan.Subject}: those to "
                + "the same prompts are taken over (--reuse none asks again).");
        }

        using var display = new EvalDisplay(ProgressLine.OnStandardError(TimeProvider.System));
        try
        {
            var records = await run.RunAsync(
                subject.Student, subject.Scorer, open, earlier, Settings.Evaluation.Parallel, display, cancellationToken);
            var report = EvaluationReport.Of(plan, records, contamination);
            RunReportFiles.Write(folder, report, records);
            return (report, records);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine($"Stopped; what was answered is in '{folder}': the same command with --run {folder} goes on.");
            throw;
        }
    }
}
