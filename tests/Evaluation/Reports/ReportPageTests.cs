using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests.Reports;

/// <summary>The report's page as a reader uses it, in a browser.</summary>
[Collection(Browser.Readers)]
public sealed class ReportPageTests(Browser browser) : IDisposable
{
    private const string Hostile = "</script><script>window.hit=1</script><!-- <img src=x onerror='window.hit=2'> <b>bold</b> \0\u001b[31m "
        + "\u202ereversed\u202c \u2028 \ud800 two  blanks\tand a tab\r\n  end ";

    private const string Names = "[...document.querySelectorAll('#items tbody th')].map(head => head.textContent)";
    private const string Count = "document.getElementById('count').textContent";

    private static readonly ImmutableArray<ItemRecord> Records = ReportRecords.Of(itemsPerTask: 12);

    private readonly string folder = Directory.CreateTempSubdirectory("orca-report-page-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("light", "rgb(255, 255, 255)")]
    [InlineData("dark", "rgb(20, 23, 27)")]
    public async Task It_asks_for_nothing_but_itself_and_reports_no_error(string colours, string back)
    {
        var page = await OpenAsync(Records, colours);
        await OpenFirstAsync(page);

        Assert.Equal([new Uri(ReportPath).AbsoluteUri], page.Requests);
        Assert.Empty(page.Errors);
        Assert.Equal(back, await page.TextAsync("getComputedStyle(document.body).backgroundColor"));
    }

    [Fact]
    public async Task Its_policy_lets_nobody_load_or_run_anything_else()
    {
        var page = await OpenAsync(Records);
        await page.EvaluateAsync(
            "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hit = 1' }))");
        await page.EvaluateAsync("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }))");

        Assert.Equal("undefined", await page.TextAsync("typeof window.hit"));
        Assert.Equal("refused", await page.TextAsync("fetch('http://127.0.0.1:9/').then(() => 'asked', () => 'refused')"));
        foreach (var refused in new[] { "inline script.*script-src", "the image.*default-src", "Connecting to.*default-src" })
        {
            Assert.Contains(page.Errors, error => Regex.IsMatch(error, refused, RegexOptions.IgnoreCase | RegexOptions.Singleline));
        }
    }

    [Theory]
    [InlineData("tasks", 15)]
    [InlineData("published", 8)]
    [InlineData("items", 8)]
    public async Task Every_column_of_every_table_sorts_in_both_directions(string table, int columns)
    {
        var page = await OpenAsync(Records);
        // Whether two keys that follow each other are in the wrong order: what is missing stands last, whichever way the rest goes.
        await page.EvaluateAsync("""
            window.after = (first, second, sign) => {
              const isMissing = key => key === "" || key === "–";
              const collator = new Intl.Collator("en", { numeric: true });
              const order = Number.isNaN(Number(first)) ? collator.compare(first, second) : first - second;
              return isMissing(first) ? !isMissing(second) : !isMissing(second) && sign * order > 0;
            };
            """);
        Assert.Equal(columns, (await page.EvaluateAsync($"document.querySelectorAll('#{table} thead th').length")).GetInt32());
        for (var column = 0; column < columns; column++)
        {
            var head = $"document.querySelectorAll('#{table} thead th')[{column}]";
            var keys = $"[...document.querySelectorAll('#{table} tbody tr')].map(row => row.cells[{column}]).map("
                + "cell => cell.dataset.value ?? cell.textContent)";
            foreach (var (order, sign) in new[] { ("ascending", 1), ("descending", -1) })
            {
                await page.EvaluateAsync($"{head}.querySelector('button').click()");

                Assert.Equal(order, await page.TextAsync($"{head}.ariaSort"));
                Assert.Equal("1", await page.TextAsync($"String(document.querySelectorAll('#{table} [aria-sort]').length)"));
                Assert.Equal("", await page.TextAsync(
                    $"{keys}.filter((key, place, keys) => place > 0 && after(keys[place - 1], key, {sign})).join()"));
            }
        }
    }

    [Fact]
    public async Task The_keyboard_sorts_opens_and_closes()
    {
        var page = await OpenAsync(Records);
        await page.EvaluateAsync("document.querySelectorAll('#tasks thead button')[3].focus()");
        await page.PressAsync("Enter", 13, "\r");
        await page.PressAsync("Enter", 13, "\r");
        Assert.Equal("descending", await page.TextAsync("document.querySelectorAll('#tasks thead th')[3].ariaSort"));

        await page.EvaluateAsync("document.querySelector('#items tbody button').focus()");
        await page.PressAsync("Enter", 13, "\r");
        await page.WaitAsync("document.getElementById('item').open");
        await page.PressAsync("Escape", 27);
        await page.WaitAsync("!document.getElementById('item').open");
        Assert.Equal("boolean_expressions/0", await page.TextAsync("document.activeElement.textContent"));
    }

    [Fact]
    public async Task An_answer_is_found_by_its_text_and_opened_as_it_was_asked_and_said()
    {
        var hostile = ReportRecords.One("hostile", 3, $"Prompt needle {Hostile}", $"Response {Hostile}", Hostile, isRight: false) with
        {
            Prompt = new Prompt
            {
                Text = $"Prompt Needle {Hostile}",
                SystemMessage = $"System {Hostile}",
                Continuations = [" (A)", " (B)"],
            },
            Gold = [Hostile],
            Version = Hostile,
            Defect = new(Hostile, 1),
        };
        var page = await OpenAsync(Records.Add(hostile));
        await page.EvaluateAsync("document.getElementById('by-text').focus()");
        await page.TypeAsync("nEEDLE </SCRIPT>");
        await page.WaitAsync($"{Count}.startsWith('1 of ')");
        Assert.Equal(["hostile/3"], await page.TextsAsync(Names));
        await OpenFirstAsync(page);

        // As UTF-16 code units: half a surrogate pair is no text that JSON could bring here.
        var texts = await page.EvaluateAsync(
            "[...document.querySelectorAll('#item-texts pre')].map(text => text.textContent.split('').map(unit => unit.charCodeAt(0)))");
        Assert.Equal(
            [hostile.Prompt.SystemMessage, hostile.Prompt.Text, " (A)", " (B)", hostile.Response],
            texts.EnumerateArray().Select(text => string.Concat(text.EnumerateArray().Select(unit => (char)unit.GetInt32()))));
        Assert.Equal("pre-wrap", await page.TextAsync("getComputedStyle(document.querySelector('#item-texts pre')).whiteSpace"));
        Assert.Equal("undefined", await page.TextAsync("typeof window.hit"));
        Assert.Equal("0", await page.TextAsync("String(document.querySelectorAll('img, main b, dialog b, body script script').length)"));
        Assert.Equal("1", await page.TextAsync("String(document.querySelectorAll('script:not([type])').length)"));

        await page.EvaluateAsync("document.getElementById('blanks').click()");
        var shown = await page.TextAsync("document.querySelector('#item-texts pre').textContent");
        Assert.EndsWith("⟨U+202E⟩reversed⟨U+202C⟩·⟨U+2028⟩·⟨U+D800⟩·two··blanks→\tand·a·tab⟨U+000D⟩↵\n··end·", shown);
        Assert.Contains("⟨U+0000⟩⟨U+001B⟩[31m", shown);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task Filters_of_task_verdict_and_defect_show_what_fits_all_of_them()
    {
        var page = await OpenAsync(Records);
        async Task FilterAsync(string field, string value) => await page.EvaluateAsync(
            $"{{ const field = document.getElementById('{field}'); field.value = [...field.options].find("
                + $"option => option.textContent.startsWith('{value}')).value; field.dispatchEvent(new Event('change')); }}");
        async Task ExpectAsync(Func<ItemRecord, bool> fits)
        {
            var expected = Records.Where(fits).ToList();
            Assert.NotEmpty(expected);
            Assert.Equal($"{expected.Count} of {Records.Length} answers", await page.TextAsync(Count));
            Assert.Equal(expected.Take(100).Select(record => record.Key), await page.TextsAsync(Names));
        }

        await ExpectAsync(_ => true);
        await FilterAsync("by-verdict", "wrong");
        await ExpectAsync(record => record is { IsRight: false, Answer: not null });
        await FilterAsync("by-verdict", "unparsed");
        await ExpectAsync(record => record.Answer is null);
        await FilterAsync("by-verdict", "right");
        await FilterAsync("by-name", "snarks");
        await ExpectAsync(record => record is { IsRight: true, Task: "snarks" });
        await FilterAsync("by-verdict", "all");
        await FilterAsync("by-defect", "with a known");
        await ExpectAsync(record => record is { Defect: not null, Task: "snarks" });
        await FilterAsync("by-defect", "without");
        await ExpectAsync(record => record is { Defect: null, Task: "snarks" });
        await page.EvaluateAsync("document.querySelector('#filters [type=reset]').click()");
        await page.WaitAsync($"{Count}.startsWith('{Records.Length} of')");
        await ExpectAsync(_ => true);
    }

    [Fact]
    public async Task Ten_thousand_answers_of_two_kilobytes_are_opened_searched_and_turned_page_by_page()
    {
        var page = await OpenAsync(Thousands());
        Assert.Equal("9999 of 9999 answers", await page.TextAsync(Count));
        Assert.Equal(100, (await page.TextsAsync(Names)).Count);
        Assert.Equal("page 1 of 100", await page.TextAsync("document.getElementById('pages').textContent"));
        await page.EvaluateAsync("for (let i = 0; i < 120; i++) { document.getElementById('later').click(); }");
        Assert.Equal(99, (await page.TextsAsync(Names)).Count);
        Assert.Equal("page 100 of 100", await page.TextAsync("document.getElementById('pages').textContent"));

        await SearchAsync(page, "needle of 7777");
        Assert.Equal("1 of 9999 answers", await page.TextAsync(Count));
        await OpenFirstAsync(page);
        Assert.EndsWith("needle of 7777", await page.TextAsync("document.querySelector('#item-texts pre:last-of-type').textContent"));
        Assert.Empty(page.Errors);
    }

    /// <summary>The figures of docs/results.md.</summary>
    [Fact(Explicit = true)]
    public async Task Times_of_ten_thousand_answers()
    {
        for (var round = 0; round < 5; round++)
        {
            var began = Stopwatch.GetTimestamp();
            var html = HtmlReport.Of(EvaluationReport.Of(ReportRecords.Plan, Thousands()), Thousands());
            var writing = Stopwatch.GetElapsedTime(began);
            var page = await OpenAsync(Thousands());
            var first = await SearchAsync(page, "needle of 7777");
            var second = await SearchAsync(page, "needle of 12");
            var sorting = await page.EvaluateAsync(
                "{ const began = performance.now(); document.getElementById('by-text').value = ''; filterItems(); "
                    + "document.querySelectorAll('#items thead button')[4].click(); performance.now() - began }");
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{html.Length / 1e6:F1} MB made in {writing.TotalSeconds:F2} s, open {page.Opening.TotalSeconds:F2} s, "
                    + $"first search {first:F0} ms, "
                    + $"next {second:F0} ms, no search and sorted by response {sorting.GetDouble():F0} ms"));
        }
    }

    /// <summary>docs/eval-report.png.</summary>
    [Fact(Explicit = true)]
    public async Task The_picture_of_the_docs()
    {
        var page = await OpenAsync(ReportRecords.Of(itemsPerTask: 25));
        await page.SizeAsync(1400, 1180);
        await File.WriteAllBytesAsync(Path.Combine(Repository.Root, "docs", "eval-report.png"), await page.PictureAsync());
    }

    private string ReportPath => Path.Combine(folder, "report.html");

    private async Task<BrowserPage> OpenAsync(ImmutableArray<ItemRecord> records, string colours = "light")
    {
        RunReportFiles.Write(folder, EvaluationReport.Of(ReportRecords.Plan, records), records);
        return await browser.OpenAsync(ReportPath, colours);
    }

    private static async Task OpenFirstAsync(BrowserPage page)
    {
        await page.EvaluateAsync("document.querySelector('#items tbody tr').click()");
        await page.WaitAsync("document.getElementById('item').open");
    }

    // Milliseconds of filtering and showing, without the wait for further letters.
    private static async Task<double> SearchAsync(BrowserPage page, string text) => (await page.EvaluateAsync(
        $"{{ const began = performance.now(); document.getElementById('by-text').value = '{text}'; filterItems(); "
            + "document.body.offsetHeight; performance.now() - began }")).GetDouble();

    private static ImmutableArray<ItemRecord> Thousands() =>
    [
        .. Enumerable.Range(0, 9_999).Select(row => ReportRecords.One(
            $"task {row % 10}", row, $"{row} asks. ".PadRight(1_000, 'q'), $"{row} says. ".PadRight(1_000, 'a') + $" needle of {row}")),
    ];
}
