using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Tests.Inference.Cpu.Machine;

public unsafe class WorkerPoolTests
{
    [Fact]
    public void Work_is_done_once_a_part_by_all_threads_together()
    {
        using var pool = new WorkerPool(3);
        var counts = stackalloc int[1_000];
        for (var round = 0; round < 2_000; round++)
        {
            pool.Run(new Counting { Counts = counts }, round % 1_000);
        }

        // Part p is done in every round of more than p parts: twice 999 - p times.
        for (var part = 0; part < 1_000; part++)
        {
            Assert.Equal(2 * (999 - part), counts[part]);
        }
    }

    private struct Counting : IParallelWork
    {
        public int* Counts;

        public readonly void Do(int part, int worker) => Interlocked.Increment(ref Counts[part]);
    }
}
