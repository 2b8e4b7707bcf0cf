using System.Text.Json;
using Orca.Streams.Sieves;
using Orca.Streams.Tests.Answers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests;

/// <summary>
/// Whatever a text holds, all that read answers, gold answers and questions take it: none throws, every measure is a finite number of
/// its range, and no text is worth a long wait. Whether what they find is right, others test.
/// </summary>
public sealed class HostileReadingTests : IDisposable
{
    // Several times what the slowest reading of a text of 100 KB takes on a busy machine.
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Three_hundred_hostile_texts_are_read_by_everything() =>
        AssertNoFaults([Read(HostileTexts.OfBuiltInTasks(1), first: 0, count: 300)]);

    // Prints what it took: -explicit only -method '*A_hundred_thousand_hostile_texts*' -showLiveOutput
    [Fact(Explicit = true)]
    public async Task A_hundred_thousand_hostile_texts_of_broken_answers_of_models_are_read_by_everything()
    {
        const int All = 100_000;
        const int Part = 10_000;
        var answers = await GoldCases.ReadAsync(0).Select(gold => gold.Response).ToListAsync(TestContext.Current.CancellationToken);
        var texts = new HostileTexts(7, answers);

        var parts = Enumerable.Range(0, All / Part).AsParallel().WithDegreeOfParallelism(Environment.ProcessorCount)
            .Select(part => Read(texts, part * Part, Part)).ToList();

        var slowest = parts.MaxBy(readers => readers.Slowest.Time)!.Slowest;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{All} texts, a third of them made of {answers.Count} answers, {parts.Sum(readers => readers.Readings)} readings; "
                + $"the slowest took {slowest.Time.TotalMilliseconds:f0} ms: {slowest.Reading}");
        AssertNoFaults(parts);
        Assert.True(slowest.Time < Most, $"{slowest.Reading} took {slowest.Time.TotalSeconds:f1} s");
    }

    private TextReaders Read(HostileTexts texts, int first, int count)
    {
        var exam = Enumerable.Range(0, 100).Select(number => JsonSerializer.Serialize(new { question = texts.At(first + (number * 3)) }));
        var path = folder.Write($"exam-{first}.jsonl", string.Join('\n', exam));
        var readers = new TextReaders(ContaminationIndex.Read(new EvaluationSet("exam", path)));
        for (var number = first; number < first + count; number++)
        {
            readers.Read(number, texts.At(number), texts.At(number + 1));
        }

        return readers;
    }

    private static void AssertNoFaults(IEnumerable<TextReaders> parts)
    {
        var faults = parts.SelectMany(readers => readers.Faults).ToList();
        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(100))}");
    }
}
