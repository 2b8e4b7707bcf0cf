using System.Diagnostics;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Sieves;

/// <summary>Prints what the sieves take; run by <c>-explicit only</c>, since times prove nothing on a busy machine.</summary>
public sealed class SieveTimings
{
    [Fact(Explicit = true)]
    public void Time_of_a_look_for_contamination()
    {
        var index = ContaminationIndex.Read(
            new EvaluationSet("bbh", SharedData.Require("bbh/tasks")),
            new EvaluationSet("agieval", SharedData.Require("agieval/v1")),
            new EvaluationSet("gsm8k", SharedData.Require("gsm8k/test.jsonl")));
        Print("1 KB question, contamination", Texts(RealQuestions.OfOthers(), 1000), text => index.Find(text));
        TestContext.Current.TestOutputHelper?.WriteLine($"{index.Items} items, {index.Bytes / 1e6:f1} MB");
    }

    [Fact(Explicit = true)]
    public void Time_of_a_look_for_near_duplicates()
    {
        var (answers, questions, key) = (new NearDuplicates(), new RepeatedQuestions(), 0ul);
        Print("1.5 KB answer", Texts(RealQuestions.Answers(), 1500), text => answers.Measure(++key, key, text, 2));
        Print("1.5 KB question", Texts(RealQuestions.OfOthers(), 1500), text => questions.Meet(Question(text, ++key)));
    }

    [Fact(Explicit = true)]
    public void Memory_at_a_million_traces()
    {
        var (answers, questions, random) = (new NearDuplicates(), new RepeatedQuestions(), new Random(1));
        for (var key = 1ul; key <= 1_000_000; key++)
        {
            questions.Meet(Question(Words(60), key));
            answers.Add(key, Words(150));
        }

        var process = Process.GetCurrentProcess();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"indices {(answers.Bytes + questions.Bytes) / 1e6:f1} MB, process at most {process.PeakWorkingSet64 / 1e6:f0} MB");

        string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => random.Next(5000)));
    }

    private static List<string> Texts(List<RealQuestion> all, int length) =>
        [.. all.Select(question => question.Text).Where(text => Math.Abs(text.Length - length) < length / 10).Take(300)];

    // The mean over all texts of the shortest of some times each.
    private static void Print(string what, List<string> texts, Action<string> look)
    {
        var mean = texts.Average(text => Enumerable.Range(0, 40).Min(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            look(text);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }));
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {mean:f1} µs, {texts.Count} texts");
    }

    private static TaskQuery Question(string text, ulong key) =>
        new() { Id = $"{key * 0x9E37_79B9_7F4A_7C15:x16}{key:x16}", Collection = "real", Task = "real", Prompt = text };
}
