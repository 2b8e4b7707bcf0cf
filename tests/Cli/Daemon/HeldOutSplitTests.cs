using System.Runtime.CompilerServices;
using Orca.Cli.Daemon;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;

namespace Orca.Cli.Tests.Daemon;

public sealed class HeldOutSplitTests
{
    private sealed class Numbers(int count) : ITaskSource
    {
        public string Name => "numbers";

        public async IAsyncEnumerable<TaskQuery> ReadAsync(
            long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var n = (int)skip; n < count; n++)
            {
                await Task.Yield();
                yield return new TaskQuery { Id = TaskQuery.IdOf("c", "t", $"{n}", null), Collection = "c", Task = "t", Prompt = $"{n}" };
            }
        }
    }

    private static readonly HeldOutSplit Split = new(10);

    [Fact]
    public async Task What_is_held_out_is_never_trained_on_and_nothing_else_is_lost()
    {
        var everything = await ReadAsync(new Numbers(2000), 0);
        var trained = await ReadAsync(Split.TrainingPart(new Numbers(2000)), 0);
        Assert.Equal(everything.Where(query => !Split.IsHeldOut(query)), trained);
        Assert.InRange(2000 - trained.Count, 150, 250);
    }

    [Fact]
    public async Task Going_on_after_a_stop_gives_the_very_next_question()
    {
        var part = Split.TrainingPart(new Numbers(200));
        var whole = await ReadAsync(part, 0);
        Assert.Equal(whole.Skip(57), await ReadAsync(part, 57));
    }

    [Fact]
    public void The_built_in_tasks_hold_their_own_out()
    {
        var tasks = new ReasoningTasks(1);
        Assert.Same(tasks, Split.TrainingPart(tasks));
    }

    private static async Task<List<TaskQuery>> ReadAsync(ITaskSource source, long skip)
    {
        var queries = new List<TaskQuery>();
        await foreach (var query in source.ReadAsync(skip, new Progress<SourceFault>(), CancellationToken.None))
        {
            queries.Add(query);
        }

        return queries;
    }
}
