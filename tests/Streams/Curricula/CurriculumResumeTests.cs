using CsCheck;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>A run that is killed and gone on with teaches what an undisturbed run teaches, in the same order.</summary>
public sealed class CurriculumResumeTests : IDisposable
{
    private const int Length = 350;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_at_any_lesson_and_restored_from_any_checkpoint_it_gives_the_same_lessons_in_the_same_order()
    {
        var expected = await UndisturbedAsync();
        Assert.Equal(Length, expected.Count);
        Assert.Contains(expected, lesson => lesson.StartsWith("assistant", StringComparison.Ordinal));

        await Gen.Select(Gen.Int[0, 60], Gen.Int[1, 125], Gen.Int[1, 40], Gen.Int[1, 6], Gen.UInt).SampleAsync(
            async (checkpointEvery, killEvery, credits, maxBatch, seed) =>
            {
                using var place = new TemporaryFolder();
                var taught = new List<string>();
                byte[]? checkpoint = null;
                var kept = 0;
                while (taught.Count < Length)
                {
                    var run = Run(place.Path, checkpoint, credits, maxBatch, seed).Start();
                    var target = Math.Min(Length, taught.Count + killEvery);
                    while (taught.Count < target)
                    {
                        var lesson = (await run.ReadAsync(1)).Single();
                        taught.Add(Text(lesson));
                        if (checkpointEvery > 0 && taught.Count % checkpointEvery == 0)
                        {
                            checkpoint = run.Curriculum.Snapshot();
                            kept = taught.Count;
                        }
                    }

                    if (taught.Count == Length)
                    {
                        await run.DisposeAsync();
                        break;
                    }

                    await run.KillAsync();
                    if (checkpointEvery == 0)
                    {
                        // Without a checkpoint the trainer starts anew, over the traces that are stored.
                        Assert.Equal(expected.Take(taught.Count), taught);
                        killEvery += 50;
                    }

                    taught.RemoveRange(kept, taught.Count - kept);
                    killEvery = Math.Max(killEvery, checkpointEvery + 10);
                }

                Assert.Equal(expected, taught);
            },
            iter: 12,
            threads: 1);
    }

    [Fact]
    public async Task No_stored_answer_is_asked_for_again_after_a_kill()
    {
        var answered = new HashSet<string>();
        for (var life = 0; life < 8; life++)
        {
            var asked = new List<string>();
            var run = new TestRun(
                folder.Path,
                TestRun.Stages(capacity: 1000),
                [ListSource.Of("cot", 2000)],
                new FakeTeacher((request, _) =>
                {
                    lock (asked)
                    {
                        asked.Add(request.Id);
                    }

                    return Task.FromResult(request.Query.Explanation!);
                }),
                new CollectionOptions { Credits = 16 }).Start();
            await run.ReadAsync(100 + (150 * life));
            List<string> before;
            lock (asked)
            {
                before = [.. asked];
            }

            await run.KillAsync();

            Assert.Empty(asked.Intersect(answered));
            await using var store = Streams.Storage.TraceStore.Open(folder["traces.db"]);
            answered.UnionWith(asked.Where(id => store.Find(id)?.Answer is not null));
            Assert.True(before.Count(id => store.Find(id)?.Answer is null) <= 16);
        }
    }

    [Fact]
    public async Task A_stored_answer_without_a_verdict_is_judged_and_not_asked_again()
    {
        var query = Questions.Of("cot", "What is six and one?", "7");
        await using (var store = Streams.Storage.TraceStore.Open(folder["traces.db"]))
        {
            var request = new TeacherRequest
            {
                Query = query,
                SystemMessage = new SystemMessages(SystemMessages.BuiltIn).Choose(query, "expert").Text,
                Stage = "expert",
            };
            var key = await store.AskAsync(request, TestContext.Current.CancellationToken);
            await store.AnswerAsync(
                key,
                new Trace { Request = request, Response = "I think the answer is 7.", Finish = TeacherFinish.Stop, Teacher = "earlier" },
                TestContext.Current.CancellationToken);
        }

        var teacher = new FakeTeacher((_, _) => throw new InvalidOperationException("asked again"));
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [new ListSource("cot", [query])], teacher).Start();

        Assert.Single(await run.ReadAsync(10));
        Assert.Equal("earlier", run.Store.Accepted("expert", 0, 1).Single().Trace.Teacher);
    }

    [Fact]
    public async Task With_another_store_the_lessons_begin_anew_in_the_same_stage()
    {
        byte[] snapshot;
        await using (var run = new TestRun(
            folder["one"], TestRun.Stages(assistant: 10), [ListSource.Of("cot", 100)], new RecordedTeacher()).Start())
        {
            await run.ReadAsync(30);
            snapshot = run.Curriculum.Snapshot();
        }

        await using var other = new TestRun(
            folder["two"], TestRun.Stages(assistant: 10), [ListSource.Of("cot", 100)], new RecordedTeacher(), snapshot: snapshot).Start();
        var lessons = await other.ReadAsync(50);

        Assert.All(lessons, lesson => Assert.Equal("expert", lesson.Stage));
        Assert.Equal(31, lessons[0].Ordinal);
    }

    [Fact]
    public async Task A_snapshot_of_a_stage_that_is_gone_is_refused_with_its_name()
    {
        await using var run = new TestRun(folder["one"], TestRun.Stages(assistant: 10), [ListSource.Of("cot", 100)], new RecordedTeacher()).Start();
        await run.ReadAsync(5);
        var snapshot = run.Curriculum.Snapshot();

        var refusal = Assert.Throws<TaskFormatException>(
            () => new TestRun(folder["two"], TestRun.Stages(), [ListSource.Of("cot", 1)], new RecordedTeacher(), snapshot: snapshot));
        Assert.Contains("'assistant'", refusal.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"Format\":99}")]
    public async Task What_is_no_snapshot_is_refused(string text)
    {
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("cot", 1)], new RecordedTeacher());

        Assert.Throws<TaskFormatException>(() => run.Curriculum.Restore(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    private async Task<List<string>> UndisturbedAsync()
    {
        await using var run = Run(folder["undisturbed"], null, credits: 20, maxBatch: 64, seed: 1).Start();
        return [.. (await run.ReadAsync(Length)).Select(Text)];
    }

    // Two sources, two stages, rejected answers, answers in any order, and epochs once the tasks are used up.
    private static TestRun Run(string place, byte[]? checkpoint, int credits, int maxBatch, uint seed)
    {
        var random = new Random((int)seed);
        var teacher = new FakeTeacher(
            async (request, _) =>
            {
                int dice;
                lock (random)
                {
                    dice = random.Next(6);
                }

                if (dice == 0)
                {
                    await Task.Yield();
                }

                return int.Parse(request.Query.GoldAnswers[0]) % 6 == 5 ? "no idea" : request.Query.Explanation!;
            },
            isDeterministic: true);
        return new TestRun(
            place,
            TestRun.Stages(assistant: 55, maxReuses: 3),
            [ListSource.Of("cot", 65), ListSource.Of("niv2", 45)],
            teacher,
            new CollectionOptions { Credits = credits },
            snapshot: checkpoint,
            maxBatch: maxBatch);
    }

    private static string Text(Lesson lesson) => $"{lesson.Stage} {lesson.RequestId} {lesson.Ordinal}";
}
