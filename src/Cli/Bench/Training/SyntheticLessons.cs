using Orca.Streams.Curricula.Lessons;
using Orca.Training.Packing;

namespace Orca.Cli.Bench.Training;

/// <summary>Packed batches of lessons whose tokens and lengths are seeded noise; three quarters of a lesson are the teacher's.</summary>
internal sealed class SyntheticLessons
{
    private readonly Random _random = new(1);
    private readonly LessonPacker _packer;
    private readonly PackingOptions _options;

    public SyntheticLessons(int rows, int rowLength, int vocabulary)
    {
        _options = new PackingOptions(rowLength, rows, vocabulary);
        _packer = new LessonPacker(_options);
    }

    /// <summary>The next batch.</summary>
    public PackedBatch Next()
    {
        while (!_packer.IsReady)
        {
            _packer.Offer(Lesson(_random.Next(_options.RowLength / 8, _options.RowLength + 1)));
        }

        return _packer.Pack(_options.Rows)!;
    }

    private Lesson Lesson(int length) => new()
    {
        RequestId = "synthetic",
        Stage = "bench",
        Collection = "synthetic",
        Task = "synthetic",
        PromptTokens = [.. Tokens(length / 4)],
        AnswerTokens = [.. Tokens(length - (length / 4))],
    };

    private IEnumerable<int> Tokens(int count) => Enumerable.Range(0, count).Select(_ => _random.Next(_options.VocabularySize));
}
