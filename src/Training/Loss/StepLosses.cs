using System.Collections.Immutable;
using Orca.Training.Packing;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Loss;

// N positions of a micro-batch that bear loss, M of all micro-batches of a step.

/// <summary>
/// The cross-entropies of a step's tokens, gathered where they are computed and copied once at its end, by lesson. Owned by the trainer's
/// thread.
/// </summary>
internal sealed class StepLosses(Device device) : IDisposable
{
    private readonly List<(PackedBatch Batch, LossTargets Targets, Tensor Losses_N)> parts = [];

    /// <summary>A micro-batch's: what it is to write its cross-entropies to, [N] float64 on the device; borrowed.</summary>
    public Tensor Of(PackedBatch batch, LossTargets targets)
    {
        var losses_N = empty(targets.Tokens.Length, ScalarType.Float64, device).DetachFromDisposeScope();
        parts.Add((batch, targets, losses_N));
        return losses_N;
    }

    /// <summary>The loss of every lesson of the step that bears loss, in the order of the rows.</summary>
    public ImmutableArray<LessonLoss> ByLesson()
    {
        if (parts.Count == 0)
        {
            return [];
        }

        using var scope = NewDisposeScope();
        var losses_M = cat([.. parts.Select(part => part.Losses_N)]).cpu().data<double>().ToArray();
        var (lessons, at) = (ImmutableArray.CreateBuilder<LessonLoss>(), 0);
        foreach (var (batch, targets, _) in parts)
        {
            lessons.AddRange(ByLesson(batch, targets, losses_M.AsSpan(at, targets.Tokens.Length)));
            at += targets.Tokens.Length;
        }

        return lessons.ToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose() => parts.ForEach(part => part.Losses_N.Dispose());

    // A lesson's tokens lie one behind another.
    private static List<LessonLoss> ByLesson(PackedBatch batch, LossTargets targets, ReadOnlySpan<double> losses)
    {
        var found = new List<LessonLoss>(batch.Packed.Length);
        for (var from = 0; from < losses.Length;)
        {
            var (lesson, sum, to) = (targets.Lessons[from], 0.0, from);
            for (; to < losses.Length && targets.Lessons[to] == lesson; to++)
            {
                sum += losses[to];
            }

            found.Add(new LessonLoss(batch.Packed[lesson], sum, to - from));
            from = to;
        }

        return found;
    }
}
