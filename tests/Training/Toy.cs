using System.Text;
using System.Threading.Channels;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Loss;
using Orca.Training.Optimization;
using Orca.Training.Running;

namespace Orca.Training.Tests;

/// <summary>A student of a few thousand parameters, and what goes with it.</summary>
internal static class Toy
{
    public static ITokenizer Tokenizer { get; } = TokenizerFolder.OpenFile(TokenizerFile());

    public static LlamaConfig Config { get; } = new()
    {
        VocabularySize = Tokenizer.VocabularySize,
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 4,
        KvHeads = 2,
        MaxPositions = 64,
        TiedEmbeddings = true,
        BosId = 1,
        EosIds = [2],
    };

    public static Student Student { get; } = new() { Config = Config, Tokenizer = Tokenizer, Template = PromptTemplate.For(Tokenizer) };

    public static LearningRateSchedule Schedule { get; } = new() { WarmUpSteps = 3 };

    public static TrainerOptions Options { get; } =
        new() { BatchRows = 4, SequenceLength = 24, PackingLookahead = 4, Threads = 1, Seed = 5, Schedule = Schedule };

    /// <summary>A learner with the seed's weights, owned by the calling thread.</summary>
    public static Learner Learner(TrainerOptions? options = null, LlamaConfig? config = null, long? mostLogits = null)
    {
        var learner = new Learner(config ?? Config, options ?? Options, mostLogits ?? ChunkedLoss.DefaultMostLogits);
        StudentLoader.LoadFirstWeights(learner, options ?? Options, Student with { Config = config ?? Config });
        return learner;
    }

    /// <summary>A learner of another student, with the seed's weights.</summary>
    public static Learner Learner(TrainerOptions options, Student student)
    {
        var learner = new Learner(student.Config, options);
        StudentLoader.LoadFirstWeights(learner, options, student);
        return learner;
    }

    /// <summary>The same few lessons for ever.</summary>
    public static IEnumerable<Lesson> Repeat(int lessons) =>
        Enumerable.Range(0, int.MaxValue).Select(index => Lessons.Of(4, 6, seed: index % lessons));

    /// <summary>A channel that holds lessons, read as it is asked; completed after the last.</summary>
    public static ChannelReader<Lesson> Channel(IEnumerable<Lesson> lessons) => new EnumerableReader(lessons);

    // llama2.c's form: length of the longest piece, then score, length and bytes of each; 3 special pieces, 256 bytes, 26
    // letters, the space.
    private static string TokenizerFile()
    {
        var pieces = new[] { "<unk>", "<s>", "</s>" }
            .Concat(Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"))
            .Concat(Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()))
            .Append(" ")
            .Select(Encoding.UTF8.GetBytes)
            .ToList();
        var path = Path.Combine(Directory.CreateTempSubdirectory("orca-toy-").FullName, "tokenizer.bin");
        using var file = new BinaryWriter(File.Create(path));
        file.Write(pieces.Max(piece => piece.Length));
        foreach (var piece in pieces)
        {
            file.Write(0f);
            file.Write(piece.Length);
            file.Write(piece);
        }

        return path;
    }

    private sealed class EnumerableReader(IEnumerable<Lesson> lessons) : ChannelReader<Lesson>
    {
        private readonly IEnumerator<Lesson> lessons = lessons.GetEnumerator();
        private readonly TaskCompletionSource completion = new();

        public override Task Completion => completion.Task;

        public override bool TryRead(out Lesson item)
        {
            var found = lessons.MoveNext();
            item = found ? lessons.Current : null!;
            if (!found)
            {
                completion.TrySetResult();
            }

            return found;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(!completion.Task.IsCompleted);
    }
}
