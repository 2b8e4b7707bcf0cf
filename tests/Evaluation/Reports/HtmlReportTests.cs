using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private const string Script = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>";

    private static readonly ImmutableArray<ItemRecord> Records = ReportRecords.Of(itemsPerTask: 12);
    private static readonly EvaluationReport Report = EvaluationReport.Of(ReportRecords.Plan, Records);

    [Fact]
    public void Every_task_has_a_row_with_the_reports_own_figures()
    {
        var rows = RowsOf(HtmlReport.Of(Report, Records), "tasks");

        Assert.Equal(Report.Tasks.Length + 1, rows.Count);
        foreach (var (task, row) in Report.Tasks.Zip(rows))
        {
            Assert.Equal(task.Task, row.Name);
            Assert.Equal(
                [
                    task.Items, task.Answers, task.Accuracy, task.Accuracy, task.Interval.Low, task.CleanAccuracy, task.CleanItems,
                    task.Attainable, task.Chance, task.Majority, task.ChanceCorrected, task.Unparsed, task.Cut, task.Contaminated,
                ],
                row.Values);
        }

        Assert.Equal(
            [
                Report.Items, Report.Answers, Report.Mean!.Value, Report.Mean.Value, Report.Mean.Interval.Low, Report.CleanMean,
                Report.Tasks.Sum(task => task.CleanItems), Report.Attainable, Report.Chance, Report.Majority, Report.ChanceCorrected,
                Report.Tasks.Sum(task => task.Unparsed), Report.Tasks.Sum(task => task.Cut), null,
            ],
            rows[^1].Values);
    }

    [Fact]
    public void The_head_names_who_was_asked_what_and_all_means()
    {
        var head = Between(HtmlReport.Of(Report, Records), "<header>", "</header>");

        string[] texts = ["bbh", "robust", "orca-demo-13b", $"7 ({Records.Length} answers)", "2026-11-30 09:00 UTC", "5f0c2e5b9a7d<"];
        Assert.All(texts, text => Assert.Contains(text, head));

        foreach (var share in new[]
        {
            Report.Mean!.Value, Report.Mean.Interval.Low, Report.Mean.Interval.High, Report.MeanOfTasksLikeThese!.Interval.Low,
            Report.MeanOfTasksLikeThese.Interval.High, Report.ItemMean!.Value, Report.CleanMean, Report.Attainable, Report.Chance,
            Report.Majority, Report.ChanceCorrected, Report.ParseFailureRate,
        })
        {
            Assert.Contains((share * 100).ToString("F1", CultureInfo.InvariantCulture), head);
        }
    }

    [Fact]
    public void Alarms_stand_in_the_head_and_at_their_tasks()
    {
        Assert.NotEmpty(Report.Alarms);
        var page = HtmlReport.Of(Report, Records);
        var head = Between(page, "<header>", "</header>");
        Assert.All(Report.Alarms, alarm => Assert.Contains(System.Net.WebUtility.HtmlEncode(alarm.Message), head));
        Assert.Equal(Report.Alarms.DistinctBy(alarm => alarm.Task).Count(), page.Split("<tr class=\"alarmed\">").Length - 1);

        var quiet = Report with { Alarms = [] };
        Assert.DoesNotContain("aria-label=\"Alarms\"", HtmlReport.Of(quiet, Records));
    }

    [Fact]
    public void Published_scores_of_the_suite_stand_beside_and_means_only_over_the_same_tasks()
    {
        var page = HtmlReport.Of(Report, Records);
        var models = PublishedRows.All.Where(row => row.Suite == "bbh").ToList();
        var rows = RowsOf(page, "published");

        Assert.All(models, row => Assert.Contains($">{row.Model}</button>", page));
        Assert.Equal(Report.Tasks.Length + 2, rows.Count);
        Assert.Equal(models[1].Tasks["navigate"] / 100, rows.Single(row => row.Name == "navigate").Values[3]!.Value, 12);
        Assert.Equal(models.Select(row => (double?)(row.Mean / 100)), rows[^1].Values.Skip(2));
        Assert.Equal(models[0].Mean, rows[^2].Values[2]!.Value * 100, 0.06);

        ImmutableArray<ItemRecord> own = [ReportRecords.One("own", 0, "p", "r"), ReportRecords.One("own", 1, "p", "r")];
        Assert.All(RowsOf(HtmlReport.Of(EvaluationReport.Of(ReportRecords.Plan, own), own), "published")[^2].Values.Skip(2), Assert.Null);
        var unpublished = EvaluationReport.Of(ReportRecords.Plan with { Suite = "own" }, own);
        Assert.DoesNotContain("id=\"published\"", HtmlReport.Of(unpublished, own));
    }

    [Fact]
    public void Texts_are_never_markup_wherever_they_stand()
    {
        var record = ReportRecords.One(Script, 0, Script, Script, Script) with
        {
            Version = Script,
            Gold = [Script],
            Prompt = new Prompt { Text = Script, SystemMessage = Script, Stops = [Script], Continuations = [Script] },
            Defect = new(Script, 1),
        };
        var options = new ProtocolOptions { SystemMessage = Script };
        var plan = ReportRecords.Plan with { Subject = Script, Protocol = Script, Options = options };
        ImmutableArray<ItemRecord> records = [record, record with { Row = 1, Item = "other" }];
        var page = HtmlReport.Of(EvaluationReport.Of(plan, records), records);

        Assert.Equal(3, Regex.Count(page, "<script"));
        Assert.Equal(3, Regex.Count(page, "</script"));
        Assert.DoesNotContain("<!--", page);
        Assert.DoesNotContain("<img", page);
        Assert.Equal(Script, RecordsOf(page)[0][6].GetString());
    }

    [Fact]
    public void What_was_said_comes_back_from_the_page_to_the_last_code_unit()
    {
        const string Response = "\0 \u001b[31mred \u202ereversed \u2028\u2029 \ufeff \u0085 \"quoted\" \\ 🦈 {{records}} \ud800 and "
            + "\udc00\ud83d";
        ImmutableArray<ItemRecord> records = [ReportRecords.One("a", 0, "p🦈", Response), ReportRecords.One("a", 1, "p🦊", "r")];
        var made = HtmlReport.Of(EvaluationReport.Of(ReportRecords.Plan, records), records);
        // As it lies in the file: what is no UTF-8 would be lost here.
        var page = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(made));

        Assert.DoesNotContain('\0', page);
        Assert.DoesNotContain('\u202e', page);
        Assert.DoesNotContain('\ufffd', page);
        var raw = RecordsOf(page)[0][6].GetRawText();
        Assert.Equal(
            Response,
            Regex.Replace(raw[1..^1], @"\\u([0-9a-f]{4})", escape => $"{(char)Convert.ToInt32(escape.Groups[1].Value, 16)}"));
        // What prompts share ends within the pair of a shark or fox, whose halves are joined again.
        Assert.Contains(@"""starts"":[""p\ud83e""]", page.Replace(@"\ud83d", @"\ud83e", StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_names_no_other_and_runs_only_what_its_policy_names_by_hash()
    {
        var page = HtmlReport.Of(Report, Records);

        Assert.DoesNotMatch("(?i)https?:|src=|href=|url\\(|@import|javascript:|<link|<base|<iframe|\\son\\w+=|style=", page);
        var policy = Between(page, "Content-Security-Policy\" content=\"", "\">");
        Assert.StartsWith("default-src 'none'; ", policy);
        Assert.DoesNotContain("unsafe", policy);
        foreach (var kind in new[] { "style", "script" })
        {
            var content = Between(page, $"<{kind}>", $"</{kind}>");
            Assert.Contains($"{kind}-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'", policy);
        }
    }

    [Fact]
    public void The_same_records_give_the_same_file_beside_the_others()
    {
        var folder = Directory.CreateTempSubdirectory("orca-reports-").FullName;
        try
        {
            RunReportFiles.Write(folder, Report, Records);
            var first = File.ReadAllBytes(Path.Combine(folder, "report.html"));
            RunReportFiles.Write(folder, Report, Records);

            Assert.Equal(first, File.ReadAllBytes(Path.Combine(folder, "report.html")));
            Assert.Equal(["report.html", "report.json", "report.md"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_report_of_one_question_has_dashes_for_what_one_question_does_not_tell()
    {
        ImmutableArray<ItemRecord> one = [ReportRecords.One("a", 0, "p", "r")];
        var page = HtmlReport.Of(EvaluationReport.Of(ReportRecords.Plan, one), one);
        Assert.Contains("95 % interval: <b>–</b> for these tasks, <b>–</b> for tasks like these", page);
        Assert.DoesNotContain("NaN", Between(page, "<body>", "<script"));
    }

    private static string Between(string text, string start, string end) => text.Split(start, 2)[1].Split(end, 2)[0];

    private static JsonElement RecordsOf(string page) =>
        JsonDocument.Parse(Between(page, "<script type=\"application/json\" class=\"records\">", "</script>")).RootElement;

    private static List<(string Name, double?[] Values)> RowsOf(string page, string table) =>
    [
        .. Between(page, $"<table id=\"{table}\"", "</table>").Split("<th scope=\"row\">").Skip(1).Select(row => (
            row.Split("</th>")[0],
            Values().Matches(row).Select(value => value.Groups[1].Value)
                .Select(value => value.Length == 0 ? (double?)null : double.Parse(value, CultureInfo.InvariantCulture)).ToArray())),
    ];

    [GeneratedRegex("data-value=\"([^\"]*)\"")]
    private static partial Regex Values();
}
