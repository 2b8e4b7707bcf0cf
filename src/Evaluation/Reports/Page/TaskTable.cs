using System.Text;

namespace Orca.Evaluation.Reports.Page;

/// <summary>Every task with all its figures, and their means below.</summary>
internal static class TaskTable
{
    private static readonly (string, string)[] Columns =
    [
        ("task", "the task"), ("items", "questions asked"), ("answers", "questions times samples"),
        ("accuracy", "right ones of all questions as they are published, in percent"),
        ("0 to 100 %", "the accuracy and its 95 % interval; marks: chance and the most frequent answer"),
        ("95 % interval", "holds the true accuracy with 95 % confidence; sorted by its lower end"),
        ("clean", "right ones of the questions in which no fault is known, in percent"), ("clean items", "how many those are"),
        ("attainable", "the most that anybody can reach, in percent"), ("chance", "what a blind guess gets, in percent"),
        ("majority", "what the most frequent answer gets, in percent"), ("chance-corrected", "from guessing (0) to perfect (100)"),
        ("unparsed", "answers in which none was found; they count as wrong"), ("cut", "answers cut at their longest length"),
        ("contaminated", "questions that the student's lessons share text with"),
    ];

    /// <summary>The table as HTML.</summary>
    public static string Of(EvaluationReport report)
    {
        var text = new StringBuilder("<table id=\"tasks\" class=\"sortable\"><caption>Tasks: shares in percent</caption>\n<thead><tr>");
        text.Append(HtmlText.Heads(Columns)).Append("</tr></thead>\n<tbody>\n");
        foreach (var task in report.Tasks)
        {
            var alarmed = report.Alarms.Any(alarm => alarm.Task == task.Task) ? " class=\"alarmed\"" : "";
            text.Append($"<tr{alarmed}><th scope=\"row\">{HtmlText.Escape(task.Task)}</th>")
                .Append(HtmlText.Cell(task.Items)).Append(HtmlText.Cell(task.Answers)).Append(HtmlText.Cell(task.Accuracy))
                .Append(HtmlText.Cell(task.Accuracy, AccuracyBar.Of(task.Accuracy, task.Interval, task.Chance, task.Majority)))
                .Append(HtmlText.Cell(task.Interval.Low, HtmlText.Range(task.Interval)))
                .Append(HtmlText.Cell(task.CleanItems == 0 ? null : task.CleanAccuracy)).Append(HtmlText.Cell(task.CleanItems))
                .Append(HtmlText.Cell(task.Attainable)).Append(HtmlText.Cell(task.Chance)).Append(HtmlText.Cell(task.Majority))
                .Append(HtmlText.Cell(task.ChanceCorrected)).Append(HtmlText.Cell(task.Unparsed)).Append(HtmlText.Cell(task.Cut))
                .Append(task.Contaminated is { } known ? HtmlText.Cell(known) : HtmlText.Cell(null))
                .Append("</tr>\n");
        }

        return text.Append("</tbody>\n<tfoot><tr><th scope=\"row\">mean of the tasks</th>")
            .Append(HtmlText.Cell(report.Items)).Append(HtmlText.Cell(report.Answers)).Append(HtmlText.Cell(report.Mean?.Value))
            .Append(HtmlText.Cell(
                report.Mean?.Value, AccuracyBar.Of(report.Mean?.Value ?? 0, report.Mean?.Interval, report.Chance, report.Majority)))
            .Append(HtmlText.Cell(report.Mean?.Interval.Low, HtmlText.Range(report.Mean?.Interval)))
            .Append(HtmlText.Cell(report.CleanMean)).Append(HtmlText.Cell(report.Tasks.Sum(task => task.CleanItems)))
            .Append(HtmlText.Cell(report.Attainable)).Append(HtmlText.Cell(report.Chance)).Append(HtmlText.Cell(report.Majority))
            .Append(HtmlText.Cell(report.ChanceCorrected)).Append(HtmlText.Cell(report.Tasks.Sum(task => task.Unparsed)))
            .Append(HtmlText.Cell(report.Tasks.Sum(task => task.Cut)))
            .Append(report.Contamination is { } all ? HtmlText.Cell(all.Items.Count) : HtmlText.Cell(null))
            .Append("</tr></tfoot></table>").ToString();
    }
}
