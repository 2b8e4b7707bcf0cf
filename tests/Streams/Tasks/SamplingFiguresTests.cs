using System.Runtime.CompilerServices;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Tasks;

/// <summary>Whether what is drawn is drawn as often as the weights say.</summary>
public sealed class SamplingFiguresTests
{
    // As the Orca paper's collections stand to one another, and the messages of each: percent of all (OpenOrca/DatasetFiltering).
    private static readonly Dictionary<string, (double Weight, string[] Messages)> Paper = new()
    {
        ["cot"] = (2.95, ["6", "11", "16"]),
        ["niv2"] = (8.64, ["1", "2", "5", "7", "9", "12", "13", "14", "15"]),
        ["t0"] = (39.29, ["1", "2", "3", "5", "7"]),
        ["flan2021"] = (49.12, ["3", "4", "7", "8", "10"]),
    };

    [Theory]
    [InlineData(100_000)]
    [InlineData(1_000_000, Explicit = true)]
    public Task Pitfall_8_Collections_and_messages_are_drawn_as_the_weights_say(int draws) => DrawAsync(draws);

    private static async Task DrawAsync(int draws)
    {
        var messages = new SystemMessages(SystemMessages.BuiltIn, seed: 7);
        await using var sampler = new TaskSampler(
            Paper.Keys.Select(collection => new Numbered(collection)), new SamplerOptions { Seed = 7 });
        var mixture = Mixture.Of(Paper.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Weight)));
        var counts = new Dictionary<(string, string), int>();
        for (var draw = 0; draw < draws; draw++)
        {
            var query = await sampler.NextAsync(mixture, TestContext.Current.CancellationToken);
            var cell = (query!.Collection, messages.Choose(query, "expert").Id);
            counts[cell] = counts.GetValueOrDefault(cell) + 1;
        }

        // Every second question of Flan 2021 is a choice: 8 and 10 at half weight among five, none among the others.
        var expected = Paper.SelectMany(pair => pair.Value.Messages.Select(message => (
            Cell: (pair.Key, message), Share: pair.Value.Weight / 100 * (pair.Key != "flan2021" ? 1.0 / pair.Value.Messages.Length
                : message is "8" or "10" ? 0.5 * 0.5 / 4 : 0.5 * (1 / 4.0) + 0.5 * (1 / 3.0))))).ToList();
        var chiSquare = expected.Sum(cell => Math.Pow(counts.GetValueOrDefault(cell.Cell) - (draws * cell.Share), 2) / (draws * cell.Share));

        TestContext.Current.TestOutputHelper?.WriteLine($"{draws} draws, {expected.Count} cells: chi square {chiSquare:f1}");
        Assert.Empty(counts.Keys.Except(expected.Select(cell => cell.Cell)));

        // 21 degrees of freedom: beyond 47 lies one in a thousand.
        Assert.InRange(chiSquare, 0, 47);
    }

    private sealed class Numbered(string collection) : ITaskSource
    {
        public string Name => collection;

        public async IAsyncEnumerable<TaskQuery?> ReadAsync(
            long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            for (var number = skip; ; number++)
            {
                var prompt = number % 2 == 0 ? $"Question {number}" : $"Which is {number}?\nOptions:\n(A) one\n(B) two";
                yield return Questions.Of(collection, prompt, "A");
            }
        }
    }
}
