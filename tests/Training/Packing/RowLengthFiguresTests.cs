using System.Diagnostics;
using Orca.Model.Embedded;
using Orca.Streams.Curricula;
using Orca.Training.Packing;

namespace Orca.Training.Tests.Packing;

/// <summary>What the length of rows costs and brings the embedded student: figures for docs/results.md.</summary>
public sealed class RowLengthFiguresTests(ITestOutputHelper output)
{
    private const int HeldOut = 200;

    [Theory(Explicit = true)]
    [InlineData("reasoning", 60_000)]
    [InlineData("real", 60_000)]
    public async Task Speed_and_loss_after_the_same_tokens(string questions, int tokens)
    {
        var student = new Student
        {
            Config = EmbeddedStudent.Config,
            Tokenizer = EmbeddedStudent.Tokenizer,
            Template = EmbeddedStudent.Template,
        };
        var lessons = await RealLessons.OfAsync(
            questions == "real" ? RealLessons.RealSources : [questions], student.Tokenizer, student.Template, count: 12_000);
        foreach (var (rows, length) in new[] { (4, 256), (2, 512), (4, 512), (4, 256), (2, 512), (4, 512) })
        {
            var options = new TrainerOptions { BatchRows = rows, SequenceLength = length, Threads = 1, Seed = 1 };
            using var learner = Toy.Learner(options, student);
            var packer = new LessonPacker(new PackingOptions(length, rows, student.Config.VocabularySize));
            var (taught, step, time) = (0L, 0, TimeSpan.Zero);
            foreach (var lesson in lessons.Skip(HeldOut))
            {
                packer.Offer(lesson);
                if (taught < tokens && packer.IsReady)
                {
                    var batch = packer.Pack(rows)!;
                    var before = Process.GetCurrentProcess().TotalProcessorTime;
                    var level = options.Schedule.LevelAt((double)taught / tokens, 1);
                    learner.Step([batch], options.Schedule.RateAt(step++, level));
                    time += Process.GetCurrentProcess().TotalProcessorTime - before;
                    taught += batch.TokenCount;
                }
            }

            var others = lessons.Take(HeldOut).Where(lesson => lesson.Length <= 512);
            var exam = PackedBatch.Of([.. others.Select(lesson => new[] { lesson })], 512);
            output.WriteLine(
                $"{questions}, {rows} rows of {length}: {taught} tokens in {step} steps, {taught / time.TotalSeconds:F0} tokens per second "
                    + $"of the processor, loss on {HeldOut} others {learner.Accumulate([exam]):F3}, refused {packer.Refused.Values.Sum()}");
        }
    }
}
