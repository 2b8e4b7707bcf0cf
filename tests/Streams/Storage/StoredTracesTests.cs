using System.Collections.Immutable;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

public sealed class StoredTracesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string FilePath => folder["traces.db"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Traces_are_read_in_the_order_they_were_asked_and_chosen_by_state_collection_and_screen()
    {
        await FillAsync();
        using var traces = StoredTraces.Open(FilePath);

        Assert.Equal(["good", "wrong", "open", "unjudged", "too long"], Prompts(new TraceFilter()));
        Assert.Equal(["good"], Prompts(new TraceFilter { State = TraceState.Accepted }));
        Assert.Equal(["open"], Prompts(new TraceFilter { State = TraceState.Asked }));
        Assert.Equal(["unjudged"], Prompts(new TraceFilter { State = TraceState.Answered }));
        Assert.Equal(["too long"], Prompts(new TraceFilter { State = TraceState.Failed }));
        Assert.Equal(
            ["wrong"], Prompts(new TraceFilter { Screen = "gold-answer", Collection = "cot", Stage = "assistant", Teacher = "fake" }));
        Assert.Empty(Prompts(new TraceFilter { Collection = "flan2021" }));

        IEnumerable<string> Prompts(TraceFilter filter) => traces.Read(filter).Select(trace => trace.Request.Query.Prompt);
    }

    [Fact]
    public async Task More_traces_than_a_page_holds_are_read_each_once()
    {
        await using (var store = TraceStore.Open(FilePath))
        {
            await Task.WhenAll(Enumerable.Range(0, 700).Select(number => store.AskAsync(Questions.Request($"q{number}"), Cancelled)));
        }

        using var traces = StoredTraces.Open(FilePath);
        Assert.Equal(700, traces.Read(new TraceFilter()).Select(trace => trace.Id).Distinct().Count());
        Assert.Equal(512, traces.Read(new TraceFilter()).Take(512).Count());
    }

    [Fact]
    public async Task One_trace_is_found_by_the_beginning_of_its_id_and_tells_all_that_was_found_of_it()
    {
        await FillAsync();
        await using (var store = TraceStore.Open(FilePath))
        {
            await store.ScreenAgainAsync(ScreenSet.Of(["finish"]), cancellationToken: Cancelled);
        }

        using var traces = StoredTraces.Open(FilePath);
        var id = Questions.Request("wrong").Id;
        var found = traces.Find(id[..10]);

        Assert.Equal((id, TraceState.Accepted, 1), (found.Id, found.State, found.TimesAsked));
        Assert.Equal("The answer is 8.", found.Answer!.Response);
        Assert.Equal(["finish"], found.Verdict!.Screens.Select(screen => screen.Screen));
        var former = traces.FormerVerdicts(found.Key).Single();
        Assert.Equal(("gold-answer", ScreenPlan.Default.SettingsOf(new GoldAnswerScreen())), (former.Screen, former.Settings));
        Assert.Equal(ScreenSet.Names, former.Screens.Select(screen => screen.Screen).ToImmutableArray());
        Assert.StartsWith("There is no trace 'ffffffff'", Assert.Throws<TraceStoreException>(() => traces.Find("ffffffff")).Message);
        Assert.StartsWith("Several traces have ids that begin with ''", Assert.Throws<TraceStoreException>(() => traces.Find("")).Message);
    }

    [Fact]
    public async Task What_a_screen_rejected_is_counted_and_the_newest_of_it_shown()
    {
        await FillAsync();
        await using (var store = TraceStore.Open(FilePath))
        {
            await StoreAsync(store, "wrong again", "The answer is 9.");
            await StoreAsync(store, "blank", " ");
            await StoreAsync(store, "good again", "The answer is 7.");
        }

        using var traces = StoredTraces.Open(FilePath);
        Assert.Equal([new("gold-answer", 2), new("empty", 1)], traces.Rejections());
        Assert.Equal(["wrong again", "wrong"], Prompts("gold-answer", 3));
        Assert.Equal(["wrong again"], Prompts("gold-answer", 1));
        Assert.Empty(Prompts("finish", 3));
        var verdict = traces.RejectedLast("gold-answer", 1).Single().Verdict!;
        Assert.Equal(("gold-answer", false), (verdict.Screens[^1].Screen, verdict.Screens[^1].Passed));

        IEnumerable<string> Prompts(string screen, int atMost) =>
            traces.RejectedLast(screen, atMost).Select(trace => trace.Request.Query.Prompt);
    }

    [Fact]
    public async Task Traces_are_counted_with_their_tokens_and_their_price_to_the_last_digit()
    {
        await FillAsync();
        using var traces = StoredTraces.Open(FilePath);

        Assert.Equal(
            ["Accepted 1 0.1", "Answered 1 0.1", "Asked 1 0", "Failed 1 0", "Rejected 1 0.1"],
            traces.Count(new TraceFilter(), "state").Select(count => $"{count.Name} {count.Traces} {count.Cost:0.####}"));
        Assert.Equal(new TraceCount("fake", 3, 30, 60, 0.3m), traces.Count(new TraceFilter { Teacher = "fake" }, "teacher").Single());
        Assert.Throws<ArgumentException>(() => traces.Count(new TraceFilter(), "colour"));
    }

    [Fact]
    public async Task A_store_is_read_while_a_run_writes_to_it()
    {
        await using var store = TraceStore.Open(FilePath);
        using var traces = StoredTraces.Open(FilePath);
        Assert.Empty(traces.Read(new TraceFilter()));

        await store.AskAsync(Questions.Request("q"), Cancelled);

        Assert.Single(traces.Read(new TraceFilter()));
    }

    [Fact]
    public void A_store_of_the_first_version_is_brought_up_to_date_and_read_and_what_is_no_store_is_refused()
    {
        StoreOfVersion1.Write(FilePath);
        using (var traces = StoredTraces.Open(FilePath))
        {
            Assert.Equal(5, traces.Read(new TraceFilter()).Count());
        }

        Assert.StartsWith(
            "There is no trace store", Assert.Throws<TraceStoreException>(() => StoredTraces.Open(folder["none.db"])).Message);
        Assert.False(File.Exists(folder["none.db"]));
        var notes = folder.Write("notes.txt", new string('n', 5000));
        Assert.Contains("is no trace store", Assert.Throws<TraceStoreException>(() => StoredTraces.Open(notes)).Message);
    }

    private async Task FillAsync()
    {
        await using var store = TraceStore.Open(FilePath);
        await StoreAsync(store, "good", "The answer is 7.");
        await StoreAsync(store, "wrong", "The answer is 8.");
        await store.AskAsync(Questions.Request("open"), Cancelled);
        var unjudged = Paid("unjudged", "The answer is 7.");
        await store.AnswerAsync(await store.AskAsync(unjudged.Request, Cancelled), unjudged, Cancelled);
        await store.FailAsync(
            await store.AskAsync(Questions.Request("too long"), Cancelled), Questions.Request("too long"), "it is too long", Cancelled);
    }

    private static Trace Paid(string prompt, string response) =>
        Questions.Trace(prompt, response) with { PromptTokens = 10, CompletionTokens = 20, Cost = 0.1m };

    private static async Task StoreAsync(TraceStore store, string prompt, string response)
    {
        var trace = Paid(prompt, response);
        var key = await store.AskAsync(trace.Request, Cancelled);
        await store.AnswerAsync(key, trace, Cancelled);
        await store.SettleAsync(key, ScreenSet.All.Judge(trace), cancellationToken: Cancelled);
    }
}
