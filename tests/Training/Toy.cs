using System.Collections.Immutable;
using System.Threading.Channels;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula;

namespace Orca.Training.Tests;

/// <summary>A student of a few thousand parameters, and what goes with it.</summary>
internal static class Toy
{
    public static LlamaConfig Config { get; } = new()
    {
        VocabularySize = 50,
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

    public static Student Student { get; } = new() { Config = Config, Tokenizer = new ToyTokenizer(), Template = PromptTemplate.For(new ToyTokenizer()) };

    public static TrainerOptions Options { get; } = new() { BatchRows = 4, SequenceLength = 24, Threads = 1, Seed = 5, WarmUpSteps = 3 };

    /// <summary>A learner with the seed's weights, owned by the calling thread.</summary>
    public static Learner Learner(TrainerOptions? options = null)
    {
        var learner = new Learner(Config, options ?? Options);
        StudentLoader.LoadFirstWeights(learner, options ?? Options, Student);
        return learner;
    }

    /// <summary>The same few lessons for ever.</summary>
    public static IEnumerable<Lesson> Repeat(int lessons) =>
        Enumerable.Range(0, int.MaxValue).Select(index => Lessons.Of(4, 6, seed: index % lessons));

    /// <summary>A channel that holds lessons, read as it is asked; completed after the last.</summary>
    public static ChannelReader<Lesson> Channel(IEnumerable<Lesson> lessons) => new EnumerableReader(lessons);

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

/// <summary>One token a letter, from 3 on; 1 starts and 2 ends a text.</summary>
internal sealed class ToyTokenizer : ITokenizer
{
    public int VocabularySize => 50;

    public int? BosId => 1;

    public int EosId => 2;

    public ImmutableArray<int> Encode(string text) => [.. text.Select(letter => 3 + (letter % 47))];

    public int? FindSpecial(string piece) => null;

    public string Decode(IEnumerable<int> ids) => string.Concat(ids.Where(id => id > 2).Select(id => (char)(94 + ((id - 3) % 47))));

    public StreamingDecoder StartDecoding() => throw new NotSupportedException();

    public void Save(string folder) => File.WriteAllText(Path.Combine(folder, "toy.txt"), "one token a letter\n");
}
