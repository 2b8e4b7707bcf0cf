using System.Runtime.CompilerServices;

namespace Orca.Streams.Tasks;

/// <summary>
/// Draws from many tasks as the paper's Algorithm 1 does: a task uniformly, then its next question; a task that is used up leaves.
/// </summary>
internal static class TaskInterleaving
{
    /// <summary>
    /// Questions in an order that depends on <paramref name="seed"/> and the tasks alone; each task is opened when first drawn.
    /// </summary>
    public static async IAsyncEnumerable<TaskQuery> ReadAsync(
        IReadOnlyList<Func<CancellationToken, IAsyncEnumerable<TaskQuery>>> tasks,
        long seed,
        long skip,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var random = SeededRandom.Of(seed);
        var open = new IAsyncEnumerator<TaskQuery>?[tasks.Count];
        var live = Enumerable.Range(0, tasks.Count).ToList();
        try
        {
            while (live.Count > 0)
            {
                var draw = random.Next(live.Count);
                var task = live[draw];
                var questions = open[task] ??= tasks[task](cancellationToken).GetAsyncEnumerator(cancellationToken);
                if (!await questions.MoveNextAsync())
                {
                    live.RemoveAt(draw);
                    await questions.DisposeAsync();
                    open[task] = null;
                }
                else if (skip > 0)
                {
                    skip--;
                }
                else
                {
                    yield return questions.Current;
                }
            }
        }
        finally
        {
            foreach (var questions in open)
            {
                if (questions is not null)
                {
                    await questions.DisposeAsync();
                }
            }
        }
    }
}
