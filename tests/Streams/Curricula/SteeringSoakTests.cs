using System.Collections.Immutable;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Curricula;

/// <summary>Many commands of many callers, kills between them, and what must be so whatever they were.</summary>
public sealed class SteeringSoakTests : IDisposable
{
    private const int Callers = 8;
    private const int Commands = 1_000;
    private const int Kills = 3;
    private const int MostReuses = 3;

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_thousand_random_commands_of_eight_callers_with_three_kills_leave_every_invariant_and_the_journal_gives_the_same_lessons()
    {
        var (taught, receipts) = (new SortedDictionary<long, Lesson>(), new Dictionary<string, CommandReceipt>());
        byte[]? snapshot = null;
        var hashes = new SortedDictionary<long, ulong>();
        for (var life = 0; life <= Kills; life++)
        {
            var run = Run(snapshot).Start();

            // What was given after the checkpoint and before the kill is given again, the same.
            var from = snapshot is null ? 0 : run.Curriculum.Status.LessonsDelivered;
            using var enough = new CancellationTokenSource();
            var training = Task.Run(
                async () =>
                {
                    var trainer = new FakeTrainer(run.Curriculum, firstStep: (from / 4) + 1);
                    while (await trainer.StepAsync(enough.Token))
                    {
                        foreach (var lesson in trainer.Steps[trainer.Next - 1].Lessons)
                        {
                            if (taught.TryGetValue(lesson.Ordinal, out var before))
                            {
                                Assert.Equal(before.RequestId, lesson.RequestId);
                                Assert.Equal(before.IsRepeated, lesson.IsRepeated);
                            }

                            taught[lesson.Ordinal] = lesson;
                        }

                        hashes[trainer.Steps[trainer.Next - 1].Lessons[^1].Ordinal] = HashOf(run.Curriculum.Snapshot());
                        if (trainer.Next % 50 == 0)
                        {
                            snapshot = run.Curriculum.Snapshot();
                        }
                    }
                },
                CancellationToken.None);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
                () => SteerAsync(run.Curriculum, caller, life, receipts), CancellationToken.None)));
            await run.Curriculum.ApplyAsync($"go on {life}", new ResumeCommand(), Cancelled);
            var delivered = run.Curriculum.Status.LessonsDelivered;
            await Patience.Until(() => run.Curriculum.Status.LessonsDelivered > delivered + 100 || training.IsCompleted);
            await enough.CancelAsync();
            await training;
            if (life < Kills)
            {
                await run.KillAsync();
            }
            else
            {
                Check(run, taught, receipts);
                await run.DisposeAsync();
            }
        }

        // Nobody collects, nobody commands: the journal and the stored traces alone.
        await using var store = TraceStore.Open(folder["traces.db"]);
        var again = new Curriculum(Options, store, new WordEncoder());
        again.EndOfCollection();
        using var stop = new CancellationTokenSource();
        var loop = again.RunAsync(stop.Token);
        var (last, hash) = hashes.Last();
        foreach (var expected in taught.Values)
        {
            Assert.True(await again.Lessons.WaitToReadAsync(Cancelled));
            Assert.True(again.Lessons.TryRead(out var lesson));
            Assert.Equal(
                (expected.Ordinal, expected.RequestId, expected.IsRepeated), (lesson.Ordinal, lesson.RequestId, lesson.IsRepeated));
            if (lesson.Ordinal == last)
            {
                Assert.Equal(hash, HashOf(again.Snapshot()));
            }
        }

        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task A_thousand_random_mixtures_lose_no_lesson_and_repeat_none_beyond_its_cap()
    {
        var random = new Random(11);
        await using var run = Run(null).Start();
        var lessons = new List<Lesson>();
        for (var change = 0; change < 1_000; change++)
        {
            var weights = new[] { "cot", "niv2", "t0" }.ToImmutableSortedDictionary(
                name => name, _ => random.Next(3) == 0 ? 0.0 : random.NextDouble());
            await Record.ExceptionAsync(() => run.Curriculum.ApplyAsync($"m{change}", new MixtureCommand(weights), Cancelled));
            lessons.AddRange(await run.ReadAsync(random.Next(8)));
        }

        var even = ImmutableSortedDictionary<string, double>.Empty.Add("cot", 1).Add("niv2", 1).Add("t0", 1);
        await run.Curriculum.ApplyAsync("even", new MixtureCommand(even), Cancelled);
        lessons.AddRange(await run.ReadAsync(100_000));

        var byRequest = lessons.GroupBy(lesson => lesson.RequestId).ToList();
        Assert.Equal(run.Store.Counts.Accepted, byRequest.Count);
        Assert.All(byRequest, taught => Assert.Single(taught, lesson => !lesson.IsRepeated));
        Assert.All(byRequest, taught => Assert.InRange(taught.Count(), 1, 1 + MostReuses));
        Assert.Equal(Enumerable.Range(1, lessons.Count).Select(number => (long)number), lessons.Select(lesson => lesson.Ordinal));
        Assert.True(run.Curriculum.Status.Finished);
    }

    private static CurriculumOptions Options => TestRun.Stages(maxReuses: MostReuses, capacity: 32) with { MinReplay = 16, Seed = 3 };

    private TestRun Run(byte[]? snapshot) => new(
        folder.Path, Options, [ListSource.Of("cot", 900), ListSource.Of("niv2", 900), ListSource.Of("t0", 900)],
        new FakeTeacher((request, _) => Task.FromResult(
            int.Parse(request.Query.GoldAnswers[0]) % 9 == 5 ? "no idea" : request.Query.Explanation!)),
        snapshot: snapshot);

    // Every third command is sent twice, and those of an earlier life again.
    private static async Task SteerAsync(
        Curriculum curriculum, int caller, int life, Dictionary<string, CommandReceipt> receipts)
    {
        var random = new Random((caller * 100) + life);
        for (var number = 0; number <= Commands / Callers / (Kills + 1); number++)
        {
            var (id, command) = ($"{life}.{caller}.{number}", CommandOf(random));
            for (var times = number % 3 == 0 ? 2 : 1; times > 0; times--)
            {
                try
                {
                    var receipt = await curriculum.ApplyAsync(id, command, Cancelled);
                    lock (receipts)
                    {
                        Assert.Equal(receipts.GetValueOrDefault(id, receipt), receipt);
                        receipts[id] = receipt;
                    }
                }
                catch (CommandRefusedException refusal)
                {
                    Assert.Equal(RefusalKind.Invalid, refusal.Kind);
                }
            }
        }
    }

    private static CurriculumCommand CommandOf(Random random) => random.Next(8) switch
    {
        0 => new PauseCommand((PausedWork)(1 << random.Next(2))),
        1 => new ResumeCommand(),
        2 => new ReplayCommand(new ReplayTuning(random.NextDouble() * 2, random.Next(MostReuses + 1))),
        3 => new PolicyCommand(new MixturePolicy((MixturePolicyKind)random.Next(4))),
        4 => new GateCommand(new GateTuning(random.Next(100))),
        5 => new PublishCommand(),
        _ => new MixtureCommand(ImmutableSortedDictionary<string, double>.Empty
            .Add(new[] { "cot", "niv2", "t0" }[random.Next(3)], random.Next(3) == 0 ? 0 : random.NextDouble())),
    };

    private static void Check(
        TestRun run, SortedDictionary<long, Lesson> taught, Dictionary<string, CommandReceipt> receipts)
    {
        // Revisions grow by one, each for one command; no lesson is missing, none is taught more often than allowed.
        var journal = run.Store.CommandsAfter(0);
        Assert.Equal(Enumerable.Range(1, journal.Length).Select(number => (long)number), journal.Select(entry => entry.Revision));
        Assert.All(receipts, pair => Assert.Equal(pair.Key, journal[(int)pair.Value.Revision - 1].Id));
        Assert.True(receipts.Count > Commands / 2);
        Assert.Equal(Enumerable.Range(1, taught.Count).Select(number => (long)number), taught.Keys);
        Assert.All(
            taught.Values.GroupBy(lesson => lesson.RequestId), turns => Assert.InRange(turns.Count(), 1, 1 + MostReuses));
        Assert.All(
            taught.Values.GroupBy(lesson => lesson.RequestId), turns => Assert.Single(turns, lesson => !lesson.IsRepeated));
        Assert.Contains(run.Curriculum.Status.Mixture.Values, weight => weight > 0);
    }

    private static ulong HashOf(byte[] snapshot) => CurriculumState.FromBytes(snapshot).Progress.Hash;
}
