using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reactive.Threading.Tasks;
using Orca.Streams.Collecting;

namespace Orca.Streams.Tests.Collecting;

public sealed class ConcurrentlyOperatorTests : IDisposable
{
    private readonly CancellationTokenSource stop = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => stop.Dispose();

    [Fact]
    public async Task In_turn_results_come_in_the_order_of_the_items_whichever_is_done_first()
    {
        var work = Enumerable.Range(0, 100).Select(_ => new TaskCompletionSource<int>()).ToList();
        var results = Enumerable.Range(0, 100).ToObservable()
            .Concurrently(item => work[item].Task, ResultOrder.InTurn, new WorkInFlight(stop)).ToList().ToTask(Cancelled);
        for (var index = 99; index >= 0; index--)
        {
            work[index].SetResult(index);
        }

        Assert.Equal(Enumerable.Range(0, 100), await results);
    }

    [Fact]
    public async Task As_they_come_a_result_waits_for_no_other()
    {
        using var source = new Subject<int>();
        var slow = new TaskCompletionSource<int>();
        var results = new List<int>();
        var end = source.Concurrently(
            item => item == 0 ? slow.Task : Task.FromResult(item), ResultOrder.AsTheyCome, new WorkInFlight(stop))
            .Do(results.Add).LastOrDefaultAsync().ToTask(Cancelled);
        source.OnNext(0);
        source.OnNext(1);
        source.OnNext(2);
        source.OnCompleted();
        slow.SetResult(0);
        await end;

        Assert.Equal([1, 2, 0], results);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_of_the_source_arrives_after_the_results_before_it(bool inTurn)
    {
        using var source = new Subject<int>();
        var results = new List<int>();
        var pending = new TaskCompletionSource<int>();
        var order = inTurn ? ResultOrder.InTurn : ResultOrder.AsTheyCome;
        var end = source.Concurrently(item => inTurn ? pending.Task : Task.FromResult(5), order, new WorkInFlight(stop))
            .Do(results.Add).LastOrDefaultAsync().ToTask(Cancelled);
        source.OnNext(1);
        source.OnError(new InvalidOperationException("source"));
        pending.SetResult(5);

        Assert.Equal("source", (await Assert.ThrowsAsync<InvalidOperationException>(() => end)).Message);
        Assert.Equal([5], results);
    }

    [Fact]
    public async Task Work_that_fails_ends_it_in_its_turn_and_stops_what_makes_more()
    {
        var end = new[] { 1, 2 }.ToObservable().Concurrently(
            item => item == 1 ? Task.FromResult(1) : Task.FromException<int>(new InvalidOperationException("work")),
            ResultOrder.InTurn, new WorkInFlight(stop)).ToTask(Cancelled);

        Assert.Equal("work", (await Assert.ThrowsAsync<InvalidOperationException>(() => end)).Message);
        Assert.True(stop.IsCancellationRequested);
    }

    [Fact]
    public void Composing_and_describing_start_nothing_until_somebody_listens()
    {
        var started = 0;
        var composed = Observable.Range(0, 3).Concurrently(
            item => Task.FromResult(started++), ResultOrder.InTurn, new WorkInFlight(stop));
        Assert.Equal(0, started);
        composed.LastAsync().Wait();
        Assert.Equal(3, started);
    }

    [Fact]
    public async Task What_is_under_way_is_waited_for_although_nobody_listens_any_more()
    {
        var (work, pending) = (new WorkInFlight(stop), new TaskCompletionSource<int>());
        var subscription = Observable.Return(1).Concat(Observable.Never<int>())
            .Concurrently(_ => pending.Task, ResultOrder.InTurn, work).Subscribe(_ => { });
        subscription.Dispose();
        var drained = work.DrainAsync();
        Assert.False(drained.IsCompleted);
        pending.SetResult(0);
        await drained.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }
}
