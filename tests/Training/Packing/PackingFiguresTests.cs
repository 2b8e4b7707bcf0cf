using Orca.Model.Embedded;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula.Lessons;
using Orca.Tests.Shared;
using Orca.Training.Packing;

namespace Orca.Training.Tests.Packing;

/// <summary>How full rows of real lessons are, and how many lessons are refused for their length: figures for docs/results.md.</summary>
public sealed class PackingFiguresTests(ITestOutputHelper output)
{
    private static readonly int[] RowLengths = [256, 512, 1_024, 2_048];
    private static readonly int[] Lookaheads = [0, 2, 4, 8, 16];

    [Theory(Explicit = true)]
    [InlineData("embedded", "reasoning")]
    [InlineData("embedded", "real")]
    [InlineData("llama", "real")]
    public async Task Fill_and_refusals_by_row_and_look_ahead(string student, string questions)
    {
        var (tokenizer, template) = student == "llama"
            ? (TokenizerFolder.OpenFile(SharedData.Require("tokenizers/llama/tokenizer.model")), PromptTemplates.Headings)
            : (EmbeddedStudent.Tokenizer, EmbeddedStudent.Template);
        var lessons = await RealLessons.OfAsync(
            questions == "real" ? RealLessons.RealSources : [questions], tokenizer, template, count: 12_000);

        foreach (var collection in lessons.GroupBy(lesson => lesson.Collection))
        {
            var lengths = collection.Select(lesson => lesson.Length).Order().ToArray();
            var longer = RowLengths.Select(row => $"{row}: {(double)lengths.Count(length => length > row) / lengths.Length:P2}");
            output.WriteLine(
                $"{student} {collection.Key}: {lengths.Length} lessons, half of them up to {lengths[lengths.Length / 2]} tokens, 99 % up "
                    + $"to {lengths[(int)(lengths.Length * 0.99)]}; longer than {string.Join(", ", longer)}");
        }

        foreach (var (rowLength, rows) in RowLengths.SelectMany(length => new[] { 2, 4, 16 }.Select(rows => (length, rows))))
        {
            var fills = Lookaheads.Select(lookahead =>
                $"{lookahead}: {FillOf(lessons, new PackingOptions(rowLength, rows, tokenizer.VocabularySize, lookahead)):P2}");
            output.WriteLine($"{student} {questions}, {rows} rows of {rowLength}: fill by look-ahead {string.Join(", ", fills)}");
        }
    }

    // Over all steps that are packed while lessons still come.
    private static double FillOf(List<Lesson> lessons, PackingOptions options)
    {
        var packer = new LessonPacker(options);
        var (tokens, places) = (0L, 0L);
        foreach (var lesson in lessons)
        {
            packer.Offer(lesson);
            if (packer.IsReady)
            {
                var batch = packer.Pack(options.Rows)!;
                (tokens, places) = (tokens + batch.TokenCount, places + batch.Tokens.Length);
            }
        }

        return (double)tokens / places;
    }
}
