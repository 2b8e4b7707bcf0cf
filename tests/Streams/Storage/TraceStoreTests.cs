using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Orca.Streams.Answers;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

public sealed class TraceStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string FilePath => folder["run/traces.db"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_stored_comes_back_whole_after_reopening()
    {
        var trace = Whole();
        await using (var store = TraceStore.Open(FilePath))
        {
            var key = await store.AskAsync(trace.Request, Cancelled);
            await store.AnswerAsync(key, trace, Cancelled);
            Assert.Equal(0, await store.SettleAsync(key, ScreenSet.Of([]).Judge(trace), cancellationToken: Cancelled));
        }

        await using var again = TraceStore.Open(FilePath);
        var found = again.Find(trace.Request.Id)!;

        Assert.Equal(TraceOutcome.Accepted, found.Outcome);
        AssertSame(trace, found.Answer!);
        AssertSame(trace, again.Accepted("expert", 0, 10).Single().Trace);
    }

    [Fact]
    public async Task A_request_goes_from_asked_to_answered_to_settled()
    {
        await using var store = TraceStore.Open(FilePath);
        var trace = Questions.Trace("q", "The answer is 7.");
        Assert.Null(store.Find(trace.Request.Id));

        var key = await store.AskAsync(trace.Request, Cancelled);
        Assert.Equal(new StoredRequest(key, null, null), store.Find(trace.Request.Id));
        Assert.Equal(key, await store.AskAsync(trace.Request, Cancelled));

        await store.AnswerAsync(key, trace, Cancelled);
        Assert.NotNull(store.Find(trace.Request.Id)!.Answer);
        Assert.Null(store.Find(trace.Request.Id)!.Outcome);

        await store.SettleAsync(key, ScreenSet.All.Judge(trace), cancellationToken: Cancelled);
        Assert.Equal(TraceOutcome.Accepted, store.Find(trace.Request.Id)!.Outcome);
    }

    [Fact]
    public async Task Accepted_traces_are_numbered_by_stage_in_the_order_they_were_accepted()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            for (var number = 0; number < 10; number++)
            {
                var stage = number % 3 == 0 ? "assistant" : "expert";
                Assert.Equal(
                    number % 5 == 4 ? null : (long?)Place(number),
                    await StoreAsync(store, number, number % 5 == 4 ? "" : "The answer is 7.", stage));
            }
        }

        await using var again = TraceStore.Open(FilePath);
        Assert.Equal(["q0", "q3", "q6"], again.Accepted("assistant", 0, 10).Select(trace => trace.Trace.Request.Query.Prompt));
        Assert.Equal(
            [(1L, "q2"), (2, "q5")], again.Accepted("expert", 1, 2).Select(trace => (trace.Place, trace.Trace.Request.Query.Prompt)));
        Assert.Empty(again.Accepted("expert", 5, 10));
        Assert.Equal(5, await StoreAsync(again, 100, "The answer is 7.", "expert"));

        // Of 0..9 without 4 and 9: 0, 3, 6 for the assistant, 1, 2, 5, 7, 8 for the expert.
        static int Place(int number) => number % 3 == 0 ? number / 3 : new[] { 1, 2, 5, 7, 8 }.AsSpan().IndexOf(number);
    }

    [Fact]
    public async Task Verdicts_are_counted_by_reason_now_and_after_reopening()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            await StoreAsync(store, 1, "The answer is 7.", "expert");
            await StoreAsync(store, 2, " ", "expert");
            await StoreAsync(store, 3, "The answer is 8.", "expert");
            await StoreAsync(store, 4, "The answer is 9.", "assistant");
            await store.FailAsync(
                await store.AskAsync(Questions.Request("q5"), Cancelled), Questions.Request("q5"), "too long", Cancelled);
            AssertCounts(store.Counts);
        }

        await using var again = TraceStore.Open(FilePath);
        AssertCounts(again.Counts);

        static void AssertCounts(StoreCounts counts)
        {
            Assert.Equal((1, 3, 1), (counts.Accepted, counts.Rejected, counts.Failed));
            Assert.Equal(
                (1, 2, 1), (counts.RejectedByScreen["empty"], counts.RejectedByScreen["gold-answer"], counts.AcceptedByStage["expert"]));
        }
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_process_that_ends_without_a_word()
    {
        var (gate, acknowledged) = (new Lock(), new List<int>());
        for (var life = 0; life < 5; life++)
        {
            var store = TraceStore.Open(FilePath, new TraceStoreOptions { MaxBatch = 7 });
            Assert.All(acknowledged, number => Assert.NotNull(store.Find(Questions.Request($"q{number}").Id)!.Answer));
            var writes = Enumerable.Range(life * 200, 200).Select(async number =>
            {
                var trace = Questions.Trace($"q{number}", "x");
                await store.AnswerAsync(await store.AskAsync(trace.Request, Cancelled), trace, Cancelled);
                lock (gate)
                {
                    acknowledged.Add(number);
                }
            }).ToList();
            await Task.WhenAny(writes.Skip(20 + (30 * life)).Take(1));
            List<int> before;
            lock (gate)
            {
                before = [.. acknowledged];
            }

            var left = StoreCopy.Take(FilePath);
            await Task.WhenAll(writes);
            await store.DisposeAsync();
            left.PutBack();
            acknowledged = before;
        }

        Assert.InRange(acknowledged.Count, 50, 1000);
    }

    [Fact]
    public async Task A_second_process_is_refused_with_one_sentence_and_may_open_it_after_the_first()
    {
        var first = TraceStore.Open(FilePath);

        var refusal = Assert.Throws<TraceStoreException>(() => TraceStore.Open(FilePath));

        Assert.Equal($"The trace store '{FilePath}' is in use by another process; stop that one or give another folder.", refusal.Message);
        await first.DisposeAsync();
        await TraceStore.Open(FilePath).DisposeAsync();
    }

    [Fact]
    public async Task A_full_disk_is_said_in_one_sentence_and_loses_nothing_that_was_acknowledged()
    {
        var stored = 0;
        await using (var store = TraceStore.Open(FilePath, new TraceStoreOptions { MaxPages = 60, MaxBatch = 1 }))
        {
            var failure = await Assert.ThrowsAsync<TraceStoreException>(async () =>
            {
                for (; stored < 1000; stored++)
                {
                    await StoreAsync(store, stored, "The answer is 7. " + string.Join(' ', Enumerable.Range(0, 280)), "expert");
                }
            });
            Assert.Contains("disk is full", failure.Message);
            Assert.Contains(FilePath, failure.Message);
            Assert.Equal(stored, store.Counts.Accepted);
        }

        Assert.InRange(stored, 20, 500);
        await using var again = TraceStore.Open(FilePath);
        Assert.Equal(stored, again.Accepted("expert", 0, 1000).Length);
        Assert.Equal(stored, await StoreAsync(again, 5000, "The answer is 7.", "expert"));
    }

    [Fact]
    public void What_is_no_store_is_refused()
    {
        var notes = folder.Write("notes.txt", new string('n', 5000));
        Assert.Contains("is no trace store", Assert.Throws<TraceStoreException>(() => TraceStore.Open(notes)).Message);
        Assert.Throws<TraceStoreException>(() => TraceStore.Open(Path.Combine(notes, "traces.db")));
    }

    [Fact]
    public async Task A_closed_store_refuses_writes()
    {
        var store = TraceStore.Open(FilePath);
        await store.DisposeAsync();
        await store.DisposeAsync();

        Assert.Contains(
            "is closed", (await Assert.ThrowsAsync<TraceStoreException>(() => store.AskAsync(Questions.Request("q"), Cancelled))).Message);
    }

    [Fact]
    public async Task A_command_is_journaled_once_and_revisions_grow()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            var pause = new JournaledCommand(0, "a", "pause", "{}") { Lesson = 5, Draw = 9 };
            Assert.Equal((pause with { Revision = 1 }, true), await store.JournalAsync(pause, Cancelled));
            Assert.Equal(
                (new JournaledCommand(8, "b", "mixture", "{}"), true),
                await store.JournalAsync(new JournaledCommand(7, "b", "mixture", "{}"), Cancelled));
            await store.TookEffectAsync(1, 3);
            Assert.Equal(
                (pause with { Revision = 1, Step = 3 }, false),
                await store.JournalAsync(new JournaledCommand(8, "a", "resume", "x"), Cancelled));
            Assert.Equal(pause with { Revision = 1, Step = 3 }, store.CommandOf("a"));
            Assert.Null(store.CommandOf("c"));
        }

        await using var again = TraceStore.Open(FilePath);
        Assert.Equal([1L, 8], again.CommandsAfter(0).Select(command => command.Revision));
        Assert.Equal(["b"], again.CommandsAfter(1).Select(command => command.Id));
    }

    [Fact]
    public async Task The_position_is_written_with_the_verdict_or_not_at_all()
    {
        await using var store = TraceStore.Open(FilePath);
        Assert.Null(store.Position());
        var trace = Questions.Trace("q", "The answer is 7.");
        var key = await store.AskAsync(trace.Request, Cancelled);
        await store.AnswerAsync(key, trace, Cancelled);
        await store.SettleAsync(key, ScreenSet.All.Judge(trace), WrittenPosition.Of("here"), Cancelled);
        Assert.Equal("here", store.Position());

        // The same verdict again breaks the table's key: the whole group is undone.
        await Assert.ThrowsAsync<TraceStoreException>(() => store.SettleAsync(
            key, ScreenSet.All.Judge(trace), WrittenPosition.Of("there"), Cancelled));

        Assert.Equal("here", store.Position());
        Assert.Equal(1, await StoreAsync(store, 1, "The answer is 7.", "assistant"));
    }

    [Fact]
    public async Task Times_are_those_of_the_clock_it_is_given()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
        await using (var store = TraceStore.Open(FilePath, time: time))
        {
            await store.AskAsync(Questions.Request("q"), Cancelled);
        }

        using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT asked_at FROM requests";
        Assert.StartsWith("2031-02-03T04:05:06", (string)command.ExecuteScalar()!);
    }

    [Fact]
    public async Task A_reader_beside_the_writer_sees_a_whole_store_at_any_time()
    {
        await using var store = TraceStore.Open(FilePath);
        var writing = Task.Run(async () =>
        {
            for (var number = 0; number < 300; number++)
            {
                await StoreAsync(store, number, "The answer is 7.", "expert");
            }
        });

        var last = 0;
        while (!writing.IsCompleted)
        {
            var accepted = store.Accepted("expert", 0, 1000);
            Assert.Equal(Enumerable.Range(0, accepted.Length), accepted.Select(trace => (int)trace.Place));
            Assert.True(accepted.Length >= last);
            last = accepted.Length;
        }

        await writing;
        Assert.Equal(300, store.Accepted("expert", 0, 1000).Length);
    }

    private static async Task<long?> StoreAsync(TraceStore store, int number, string response, string stage)
    {
        var trace = Questions.Trace($"q{number}", response, stage: stage);
        var key = await store.AskAsync(trace.Request, Cancelled);
        await store.AnswerAsync(key, trace, Cancelled);
        return await store.SettleAsync(key, ScreenSet.All.Judge(trace), cancellationToken: Cancelled);
    }

    private static Trace Whole() => new()
    {
        Request = new TeacherRequest
        {
            Stage = "expert",
            SystemMessage = "Explain – 日本語 \0 \n",
            Query = new TaskQuery
            {
                Id = TaskQuery.IdOf("c", "t", "p", "g"),
                Collection = "c",
                Task = "t",
                Prompt = "p \u2028 \t '; DROP TABLE requests; --",
                GoldAnswers = ["g", "\"h\""],
                AnswerKind = AnswerKind.MultipleChoice,
                Explanation = "because",
                SystemMessage = "prescribed",
                Chance = 0.25,
                Difficulty = 3,
            },
        },
        Response = "It is \U0001F40B.",
        Reasoning = "A whale? \U0001F433",
        Finish = TeacherFinish.Length,
        Teacher = "gpt",
        PromptTokens = 12,
        CompletionTokens = 34,
        Cost = 0.000123456789m,
        Latency = TimeSpan.FromTicks(123456789),
    };

    private static void AssertSame(Trace expected, Trace found)
    {
        Assert.Equal(expected.Request.Query.GoldAnswers, found.Request.Query.GoldAnswers);
        var gold = expected.Request.Query.GoldAnswers;
        Assert.Equal(WithGold(expected, gold), WithGold(found, gold));

        // A list has identity, not value: both get the same one before they are compared.
        static Trace WithGold(Trace trace, ImmutableArray<string> gold) =>
            trace with { Request = trace.Request with { Query = trace.Request.Query with { GoldAnswers = gold } } };
    }
}
