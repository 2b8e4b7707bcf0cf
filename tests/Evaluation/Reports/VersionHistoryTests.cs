using System.Collections.Immutable;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Tests.Reports;

/// <summary>The chart of a run's versions, from the file that their examinations are kept in to a browser.</summary>
[Collection(Browser.Readers)]
public sealed class VersionHistoryTests(Browser browser) : IDisposable
{
    private static readonly ImmutableArray<VersionExamination> Examinations =
    [
        One(version: 2, step: 100, right: 10, isPromoted: true), One(version: 3, step: 200, right: 24, isPromoted: true),
        One(version: 4, step: 300, right: 3, isPromoted: false),
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("orca-history-").FullName;

    private string Lines => Path.Combine(folder, "versions.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Examinations_are_read_as_they_were_kept_and_a_line_that_a_kill_has_cut_counts_for_nothing()
    {
        File.WriteAllText(Lines, string.Concat(Examinations.Select(one => $"{one.ToLine()}\n")) + Examinations[0].ToLine()[..40]);

        Assert.Equal(Examinations, VersionExamination.Read(Lines));
    }

    [Fact]
    public void What_holds_none_is_told_with_the_remedy()
    {
        File.WriteAllText(Lines, "{\n");
        Assert.Contains("Give the folder of a run", Assert.Throws<EvaluationException>(() => VersionExamination.Read(Lines)).Message);
        Assert.Throws<EvaluationException>(() => VersionExamination.Read(Path.Combine(folder, "none.jsonl")));
    }

    [Fact]
    public async Task Every_version_is_a_point_of_the_chart_and_a_row_and_the_page_asks_for_nothing()
    {
        var path = Path.Combine(folder, "versions.html");
        await File.WriteAllTextAsync(path, VersionHistory.Html("<b>my run</b>", Examinations), TestContext.Current.CancellationToken);

        var page = await browser.OpenAsync(path, "light");

        Assert.Equal([new Uri(path).AbsoluteUri], page.Requests);
        Assert.Empty(page.Errors);
        Assert.Equal("<b>my run</b>", await page.TextAsync("document.querySelector('h1').textContent"));
        Assert.Equal("2 1", await page.TextAsync(
            "`${document.querySelectorAll('circle.promoted').length} ${document.querySelectorAll('circle.kept-back').length}`"));
        await page.EvaluateAsync("document.querySelectorAll('#versions thead button')[4].click()");
        Assert.Equal(
            "4 2 3",
            await page.TextAsync("[...document.querySelectorAll('#versions tbody tr')].map(row => row.cells[0].textContent).join(' ')"));
    }

    [Fact]
    public void As_markdown_every_version_is_a_row() => Assert.Contains(
        "| 4 | step-300 | 300 | 3 of 40 | 7.5 | 2.6–19.9 | 3 (20) | 0.004 | no |", VersionHistory.Markdown(Examinations));

    private static VersionExamination One(long version, long step, int right, bool isPromoted) => new(
        DateTimeOffset.UnixEpoch, version, $"step-{step}", step, 40, right, version - 1, 20, 0.004, isPromoted);
}
