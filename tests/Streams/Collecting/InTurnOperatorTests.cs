using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Reactive.Threading.Tasks;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;

namespace Orca.Streams.Tests.Collecting;

public sealed class InTurnOperatorTests
{
    [Fact]
    public async Task Results_come_in_the_order_of_the_tasks()
    {
        var sources = Enumerable.Range(0, 100).Select(_ => new TaskCompletionSource<int>()).ToList();
        var results = sources.Select(source => source.Task).ToObservable().InTurn().ToList().ToTask(TestContext.Current.CancellationToken);
        for (var index = 99; index >= 0; index--)
        {
            sources[index].SetResult(index);
        }

        Assert.Equal(Enumerable.Range(0, 100), await results);
    }

    [Fact]
    public async Task An_error_of_the_source_arrives_after_the_results_before_it()
    {
        using var source = new Subject<Task<int>>();
        var results = new List<int>();
        var pending = new TaskCompletionSource<int>();
        var end = source.InTurn().Do(results.Add).LastOrDefaultAsync().ToTask(TestContext.Current.CancellationToken);
        source.OnNext(pending.Task);
        source.OnError(new InvalidOperationException("source"));
        pending.SetResult(5);

        Assert.Equal("source", (await Assert.ThrowsAsync<InvalidOperationException>(() => end)).Message);
        Assert.Equal([5], results);
    }

    [Fact]
    public async Task A_task_that_fails_ends_it_in_its_turn()
    {
        var end = new[] { Task.FromResult(1), Task.FromException<int>(new InvalidOperationException("task")) }.ToObservable()
            .InTurn().ToTask(TestContext.Current.CancellationToken);

        Assert.Equal("task", (await Assert.ThrowsAsync<InvalidOperationException>(() => end)).Message);
    }
}
