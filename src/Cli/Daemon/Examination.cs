using System.Collections.Immutable;
using System.Globalization;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;

namespace Orca.Cli.Daemon;

/// <summary>An examination of the run's student: its report, the answers it was computed from, and where both lie.</summary>
/// <param name="Report">The report.</param>
/// <param name="Records">The answers.</param>
/// <param name="Folder">Its folder.</param>
internal sealed record Examination(EvaluationReport Report, ImmutableArray<ItemRecord> Records, string Folder)
{
    /// <summary>Share of all questions answered rightly, 0 to 1.</summary>
    public double Accuracy => Records.Average(record => record.IsRight ? 1.0 : 0);

    /// <summary>Its means in one line.</summary>
    public string Summary
    {
        get
        {
            var versions = string.Join(", ", Report.AnswersByVersion.Select(pair => $"{pair.Key} ({pair.Value})"));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"accuracy {Percent(Accuracy)}, chance-corrected mean {Percent(Report.ChanceCorrected)}, unparsed "
                    + $"{Percent(Report.ParseFailureRate)}, {Report.Items} questions, answered by version {versions}");
        }
    }

    /// <summary>Its tasks beside those of an earlier examination of the same questions; by themselves where there is none.</summary>
    public string TableBeside(Examination? earlier)
    {
        try
        {
            return earlier?.Report.Plan.SuiteHash == Report.Plan.SuiteHash
                ? MarkdownReport.Of(RunComparison.Of(earlier.Records, Records), "before", "after")
                : MarkdownReport.Of(Report);
        }
        catch (EvaluationException)
        {
            // Too few questions to compare.
            return MarkdownReport.Of(Report);
        }
    }

    private static string Percent(double share) => (share * 100).ToString("F0", CultureInfo.InvariantCulture) + " %";
}
