using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Reports.Page;

/// <summary>The head of the page: who was asked what, the alarms, the means.</summary>
internal static class Summary
{
    /// <summary>It as HTML.</summary>
    public static string Of(EvaluationReport report, ImmutableArray<ItemRecord> records) =>
        $"<h1>{HtmlText.Escape(report.Plan.Suite)} <small>by protocol</small> {HtmlText.Escape(report.Plan.Protocol)}</h1>\n"
            + Facts(report, records) + (report.IsUnmarked
                ? "<p><b>These questions have no gold answer: nothing is right or wrong before a judge has said so.</b></p>\n"
                : Alarms(report) + Means(report));

    private static string Facts(EvaluationReport report, ImmutableArray<ItemRecord> records)
    {
        var (plan, options) = (report.Plan, report.Plan.Options);
        var text = new StringBuilder("<dl class=\"facts\">");
        void Add(string name, string value) => text.Append($"<div><dt>{name}</dt><dd>{HtmlText.Escape(value)}</dd></div>");
        Add("subject", plan.Subject);
        Add("version", string.Join(", ", report.AnswersByVersion.Select(pair => Text($"{pair.Key} ({pair.Value} answers)"))));
        Add("date", Dates(records));
        Add("questions", Text($"{report.Items} of {report.Tasks.Length} tasks")
            + (plan.Repeats == 1 ? "" : Text($", {plan.Repeats} samples of each")));
        Add("suite's hash", plan.SuiteHash[..Math.Min(12, plan.SuiteHash.Length)]);
        Add("system message", options.SystemMessage switch { null => "the questions' own", "" => "none", var message => message });
        Add("extractor", report.Certificate[..12]);
        Add("asked", Text($"up to {options.MaxTokens} tokens")
            + (options.Temperature is { } temperature ? Text($", temperature {temperature}") : ", at the protocol's temperature")
            + (options.HasExamples ? ", with examples" : "") + (options.IsChainOfThought ? ", step by step" : ""));
        Add("tokens of answers", Text($"{report.ResponseTokens:N0}"));
        if (report.Contamination is { } known)
        {
            Add("contamination", Text($"{known.Items.Count} questions share text with the {known.Count} lessons of {known.Lessons}; ")
                + Text($"without them {HtmlText.Percent(report.UncontaminatedMean)} %; {known.Canaries} lessons have the authors' canary"));
        }

        return text.Append("</dl>\n").ToString();
    }

    private static string Alarms(EvaluationReport report) => report.Alarms.IsEmpty ? "" :
        "<section class=\"alarms\" aria-label=\"Alarms\"><h2>Look again before telling anybody</h2><ul>"
            + string.Concat(report.Alarms.Select(alarm => $"<li>{HtmlText.Escape(alarm.Message)}</li>")) + "</ul></section>\n";

    private static string Means(EvaluationReport report)
    {
        var text = new StringBuilder("<section class=\"means\" aria-label=\"Means\"><div class=\"headline\"><p>mean of the tasks</p>");
        text.Append($"<p class=\"figure\">{HtmlText.Percent(report.Mean?.Value)} %</p>")
            .Append(AccuracyBar.Of(report.Mean?.Value ?? 0, report.Mean?.Interval, report.Chance, report.Majority))
            .Append($"<p>95 % interval: <b>{HtmlText.Range(report.Mean?.Interval)}</b> for these tasks, ")
            .Append($"<b>{HtmlText.Range(report.MeanOfTasksLikeThese?.Interval)}</b> for tasks like these</p></div><dl class=\"figures\">");
        void Add(string name, double? share, string what) => text.Append(
            $"<div title=\"{what}\"><dt>{name}</dt><dd>{HtmlText.Percent(share)} %</dd></div>");
        Add("mean of the questions", report.ItemMean?.Value, "every question counts alike");
        Add("clean", report.CleanMean, "mean of the tasks without questions of known fault");
        Add("attainable", report.Attainable, "the most that anybody can reach of the questions as published");
        Add("chance", report.Chance, "what guessing among the listed answers gets");
        Add("majority", report.Majority, "what the most frequent answer of each task gets");
        Add("chance-corrected", report.ChanceCorrected, "from guessing (0) to perfect (100)");
        Add("no answer found", report.ParseFailureRate, "share of the answers in which none was found; they count as wrong");
        return text.Append("</dl></section>").ToString();
    }

    private static string Dates(ImmutableArray<ItemRecord> records)
    {
        if (records.IsEmpty)
        {
            return "–";
        }

        var (first, last) = (Minute(records.Min(record => record.Time)), Minute(records.Max(record => record.Time)));
        return first == last ? $"{first} UTC" : $"{first} to {last} UTC";
    }

    private static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
