using Microsoft.Data.Sqlite;
using Orca.Streams.Storage;
using Orca.Streams.Storage.Migrations;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

public sealed class MigrationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string FilePath => folder["traces.db"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Nothing_that_a_store_of_the_first_version_holds_an_answer_to_is_asked_again()
    {
        StoreOfVersion1.Write(FilePath);
        var teacher = new FakeTeacher((request, _) => Task.FromResult(request.Query.Explanation!));
        await using var run = new TestRun(folder.Path, TestRun.Stages(), [ListSource.Of("old", 6)], teacher).Start();

        var lessons = await run.ReadAsync(100);
        await run.PipelineLoop;

        string[] neverAnswered = ["dd80032a627e6bb5a476d5a10a4aebe0", "cb825e214b63c696181caa07c7dee1bd"];
        Assert.Equal(neverAnswered.Order(), teacher.Asked.Order());
        Assert.Equal(4, lessons.Count);
        Assert.Equal((4, 1, 1), (run.Store.Counts.Accepted, run.Store.Counts.Rejected, run.Store.Counts.Failed));
    }

    [Fact]
    public async Task A_store_of_the_first_version_keeps_all_it_says()
    {
        StoreOfVersion1.Write(FilePath);

        await using var store = TraceStore.Open(FilePath);

        Assert.Equal("a5ee6f1a5ee6f1a5ee6f1a5ee6f1a5ee", store.Id);
        Assert.Equal(["c1", "c2"], store.CommandsAfter(0).Select(command => command.Id));
        var trace = store.Accepted("expert", 0, 10).Single().Trace;
        Assert.Equal(
            ("Well – the answer is 0. 🐋", TeacherFinish.Stop, "gpt", 12, 34, 0.000123456789m, TimeSpan.FromTicks(123456789)),
            (trace.Response, trace.Finish, trace.Teacher, trace.PromptTokens, trace.CompletionTokens, trace.Cost, trace.Latency));
        var query = trace.Request.Query;
        Assert.Equal(
            ("6c32253f3f68390a6d9ec5ce9538f4c6", "old question 0", "0", "The answer is 0.", 0.25, 3),
            (query.Id, query.Prompt, query.GoldAnswers.Single(), query.Explanation, query.Chance, query.Difficulty));
        Assert.Equal(TraceOutcome.Rejected, store.Find("231e37bcc9efe335180aa8fa52beee96")!.Outcome);
        Assert.Equal("The answer is 2.", store.Find("cb57b9ba66fbddbe5b4b9bfe9941d4ab")!.Answer!.Response);
        Assert.Equal(TraceOutcome.Failed, store.Find("c9e48e21bdb433572e46cd212330c818")!.Outcome);
        Assert.Equal(new StoredRequest(5, null, null), store.Find("dd80032a627e6bb5a476d5a10a4aebe0"));
    }

    [Fact]
    public async Task A_store_is_opened_again_and_again_by_the_version_it_has()
    {
        StoreOfVersion1.Write(FilePath);
        await TraceStore.Open(FilePath).DisposeAsync();
        await TraceStore.Open(FilePath).DisposeAsync();
        await TraceStore.Open(folder["new.db"]).DisposeAsync();

        Assert.Equal(((long)Migration.Latest, (long)Migration.Latest), (Version(FilePath), Version(folder["new.db"])));
    }

    [Fact]
    public void A_store_of_a_newer_version_is_refused_with_one_sentence_and_left_as_it_is()
    {
        using (var newer = Connection(FilePath))
        {
            newer.Execute($"PRAGMA user_version = {Migration.Latest + 1}");
        }

        var refusal = Assert.Throws<TraceStoreException>(() => TraceStore.Open(FilePath));

        Assert.Equal(
            $"The trace store '{FilePath}' was written by a newer Orca (tables of version {Migration.Latest + 1}, this one knows "
                + $"{Migration.Latest}); update Orca or give another folder.",
            refusal.Message);
        Assert.Equal(Migration.Latest + 1, Version(FilePath));
    }

    [Fact]
    public void A_step_that_fails_leaves_the_file_as_the_step_before_made_it()
    {
        using var connection = Connection(FilePath);

        Assert.Throws<SqliteException>(() => Migration.Run(
            FilePath, connection,
            [new Step("CREATE TABLE first (x)"), new Step("CREATE TABLE second (x); INSERT INTO third VALUES (1)")]));

        Assert.Equal(1L, connection.Scalar("PRAGMA user_version"));
        Assert.Equal("first", connection.Scalar("SELECT group_concat(name) FROM sqlite_schema"));

        Migration.Run(FilePath, connection, [new Step("CREATE TABLE first (x)"), new Step("CREATE TABLE second (x)")]);

        Assert.Equal(2L, connection.Scalar("PRAGMA user_version"));
        Assert.Equal("first,second", connection.Scalar("SELECT group_concat(name) FROM sqlite_schema"));
    }

    private static long Version(string path)
    {
        using var connection = Connection(path);
        return (long)connection.Scalar("PRAGMA user_version")!;
    }

    private static SqliteConnection Connection(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private sealed class Step(string sql) : IMigration
    {
        public void Apply(SqliteConnection connection) => connection.Execute(sql);
    }
}
