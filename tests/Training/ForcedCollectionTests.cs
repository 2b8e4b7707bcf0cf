using System.Diagnostics;
using System.Runtime.InteropServices;
using Orca.Training.Optimization;
using Orca.Training.Packing;
using Orca.Training.Parameters;

namespace Orca.Training.Tests;

/// <summary>
/// A collection of garbage at any moment changes no step: numbers that operators take are held while they run
/// (<see cref="Orca.Model.Native.TensorNumbers"/>).
/// </summary>
public sealed class ForcedCollectionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(OptimizerKind.AdamW, ComputeType.Float32)]
    [InlineData(OptimizerKind.Muon, ComputeType.BFloat16)]
    public void Steps_under_forced_collections_are_those_without_them(OptimizerKind optimizer, ComputeType compute) =>
        Compare(optimizer, compute, steps: 50);

    [Theory(Explicit = true)]
    [InlineData(OptimizerKind.AdamW, ComputeType.Float32)]
    [InlineData(OptimizerKind.Muon, ComputeType.BFloat16)]
    public void A_hundred_thousand_steps_under_forced_collections_are_those_without_them(OptimizerKind optimizer, ComputeType compute) =>
        Compare(optimizer, compute, steps: 50_000);

    private void Compare(OptimizerKind optimizer, ComputeType compute, int steps)
    {
        var options = Toy.Options with { Optimizer = optimizer, Compute = compute };
        var batches = Batches(8);
        var expected = Steps(options, batches, steps);
        using var stop = new CancellationTokenSource();
        var collections = 0;
        var collecting = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Young garbage is what temporary numbers are; now and then everything else too.
                GC.Collect(collections++ % 64 == 0 ? 2 : 0, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
                Thread.Sleep(TimeSpan.FromMicroseconds(100));
            }
        });
        var watch = Stopwatch.StartNew();

        var found = Steps(options, batches, steps);

        stop.Cancel();
        collecting.Wait(TestContext.Current.CancellationToken);
        output.WriteLine($"{optimizer} {compute}: {steps} steps, {collections} collections, {watch.Elapsed.TotalSeconds:F0} s");
        Assert.Equal(expected, found);
        Assert.True(collections > steps / 10, $"only {collections} collections");
    }

    // The loss and the gradient's norm of every step, and a hash of the weights at the end.
    private static List<(double Loss, double Norm)> Steps(TrainerOptions options, PackedBatch[] batches, int steps)
    {
        using var learner = Toy.Learner(options);
        var made = new List<(double, double)>(steps + 1);
        for (var step = 0; step < steps; step++)
        {
            var result = learner.Step([batches[step % batches.Length]], 1e-3 / (1 + (step * 0.01)));
            made.Add((result.Loss, result.GradientNorm));
        }

        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(learner.Parameters.AllWeights().AsSpan()));
        made.Add((hash.ToHashCode(), 0));
        return made;
    }

    private static PackedBatch[] Batches(int count)
    {
        var packer = new LessonPacker(new PackingOptions(24, 4, 50));
        foreach (var lesson in Lessons.Stream(3, 3, 20).Take(100))
        {
            packer.Offer(lesson);
        }

        return [.. Enumerable.Range(0, count).Select(_ => packer.Pack(4)!)];
    }
}
