using System.Collections.Immutable;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;

namespace Orca.Evaluation.Tests.Reports;

public sealed class ReportTests
{
    private static readonly ExamReport Before = Report("before", 2, 9);
    private static readonly ExamReport After = Report("after", 19, 10);

    [Fact]
    public void The_table_has_a_line_for_every_family_and_the_means_below()
    {
        var table = ReportTable.Render(After);
        Assert.Contains("arithmetic", table);
        Assert.Contains("95 %", table);
        Assert.Contains("accuracy 72 %", table);
        Assert.Contains("answered by version 1 (30), 2 (10)", table);
        Assert.Equal(4, table.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void Two_reports_stand_side_by_side()
    {
        var lines = ReportTable.Compare(Before, After).Split('\n');
        Assert.Contains("before", lines[0]);
        Assert.Contains("after", lines[0]);
        Assert.Matches(@"arithmetic\s+10 %\s+10 %\s+95 %", lines[1]);
        Assert.StartsWith("chance-corrected mean", lines[4]);
    }

    [Fact]
    public void Reports_of_one_second_and_one_title_are_all_kept()
    {
        var folder = Directory.CreateTempSubdirectory("orca-reports-").FullName;
        try
        {
            var paths = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(16)
                .Select(_ => ReportFile.Write(folder, After)).ToList();

            Assert.Equal(16, paths.Distinct().Count());
            Assert.Equal(16, Directory.GetFiles(folder, "*-after.json").Length);
            Assert.Equal(16, Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_report_comes_back_from_its_file()
    {
        var folder = Directory.CreateTempSubdirectory("orca-reports-").FullName;
        try
        {
            var path = ReportFile.Write(folder, After);
            Assert.Equal("20260102T030405Z-after.json", Path.GetFileName(path));
            var read = ReportFile.Read(path);
            Assert.Equal(After.Families, read.Families);
            Assert.Equal(After.AnswersByVersion, read.AnswersByVersion);
            Assert.Equal(After.ChanceCorrectedMean, read.ChanceCorrectedMean);
            Assert.Single(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ExamReport Report(string title, int arithmetic, int boolean) => new()
    {
        Title = title,
        Generator = "test",
        Began = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Elapsed = TimeSpan.FromSeconds(2),
        Families = [new FamilyResult("arithmetic", 20, arithmetic, 1, 0.1), new FamilyResult("boolean", 20, boolean, 0, 0.5)],
        AnswersByVersion = ImmutableSortedDictionary<string, int>.Empty.Add("1", 30).Add("2", 10),
    };
}
