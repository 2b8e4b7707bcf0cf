using Orca.Streams.Answers;

namespace Orca.Streams.Tests.Answers;

/// <summary>How often the comparison with gold answers is wrong, by kind and by where the answers come from.</summary>
public sealed class GoldFiguresTests
{
    private const double Most = 0.05;

    // Those that the comparison was not mended by.
    private static readonly Lazy<Task<List<Figure>>> Counted = new(() => CountAsync(half: 1));

    [Fact]
    public async Task Of_each_kind_at_most_a_twentieth_of_right_answers_is_rejected_and_of_wrong_ones_kept()
    {
        var figures = await Counted.Value;
        Print(figures);
        var judged = figures.Where(figure => figure.Kind != AnswerKind.FreeText && figure.Source != GoldCase.OtherStyles);
        foreach (var kind in judged.GroupBy(figure => figure.Kind))
        {
            var (right, wrong) = (kind.Where(figure => figure.IsRight).ToArray(), kind.Where(figure => !figure.IsRight).ToArray());
            Assert.True(right.Length > 100 && wrong.Length > 100, $"{kind.Key}: {right.Length} right, {wrong.Length} wrong");
            Assert.True(right.Count(figure => figure.Verdict == AnswerVerdict.Wrong) <= right.Length * Most, $"{kind.Key}: right rejected");
            Assert.True(wrong.Count(figure => figure.Verdict != AnswerVerdict.Wrong) <= wrong.Length * Most, $"{kind.Key}: wrong kept");
        }
    }

    [Fact]
    public async Task No_free_text_that_is_right_is_rejected() => Assert.DoesNotContain(
        await Counted.Value, figure => figure.Kind == AnswerKind.FreeText && figure.IsRight && figure.Verdict == AnswerVerdict.Wrong);

    private static async Task<List<Figure>> CountAsync(int half)
    {
        var figures = new List<Figure>();
        await foreach (var one in GoldCases.ReadAsync(half))
        {
            figures.Add(new Figure(one.Expected.Kind, one.Source, one.IsRight, AnswerMatch.Judge(one.Response, one.Expected)));
        }

        return figures;
    }

    private static void Print(List<Figure> figures)
    {
        Write("kind                 source                       right rejected      n     wrong kept      n   undecided");
        foreach (var row in figures.GroupBy(figure => (figure.Kind, Source: figure.Source)).OrderBy(row => row.Key).ToArray())
        {
            Write(Line($"{row.Key.Kind}", row.Key.Source, [.. row]));
        }

        var all = figures.Where(figure => figure.Source != GoldCase.OtherStyles);
        foreach (var kind in all.GroupBy(figure => figure.Kind).OrderBy(kind => kind.Key))
        {
            Write(Line($"{kind.Key}", "all but the last", [.. kind]));
        }
    }

    private static string Line(string kind, string source, Figure[] figures)
    {
        var (right, wrong) = (figures.Where(figure => figure.IsRight).ToArray(), figures.Where(figure => !figure.IsRight).ToArray());
        var undecided = Share(figures, verdict => verdict == AnswerVerdict.Undecided);
        return $"{kind,-20} {source,-28} {Share(right, verdict => verdict == AnswerVerdict.Wrong),12} {right.Length,8}"
            + $" {Share(wrong, verdict => verdict != AnswerVerdict.Wrong),12} {wrong.Length,8} {undecided,11}";
    }

    private static string Share(Figure[] figures, Func<AnswerVerdict, bool> fault) =>
        figures.Length == 0 ? "-" : $"{100.0 * figures.Count(figure => fault(figure.Verdict)) / figures.Length:f2} %";

    private static void Write(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private sealed record Figure(AnswerKind Kind, string Source, bool IsRight, AnswerVerdict Verdict);
}
