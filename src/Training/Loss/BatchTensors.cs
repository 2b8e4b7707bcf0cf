using System.Runtime.InteropServices;
using Orca.Training.Packing;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Loss;

/// <summary>A packed batch on the device. Owned by the trainer's thread.</summary>
public sealed class BatchTensors : IDisposable
{
    /// <summary>Copies a batch to the device.</summary>
    public BatchTensors(PackedBatch batch, Device device)
    {
        Tokens_BT = Rows(batch.Tokens);
        Positions_BT = Rows(batch.Positions);
        Segments_BT = Rows(batch.Segments);
        Targets = OnDevice(batch.Targets());
        Practice = OnDevice(batch.PracticeTargets());
        Predictors_M = Targets is null || Practice is null
            ? (Targets ?? Practice)?.Predictors_N.alias().DetachFromDisposeScope()
            : cat([Targets.Predictors_N, Practice.Predictors_N]).DetachFromDisposeScope();

        TargetTensors? OnDevice(LossTargets targets) => targets.Tokens.Length == 0 ? null : new TargetTensors(targets, device);

        Tensor Rows(System.Collections.Immutable.ImmutableArray<long> values) =>
            tensor(ImmutableCollectionsMarshal.AsArray(values)!, [batch.Rows, batch.RowLength], device: device).DetachFromDisposeScope();
    }

    /// <summary>[B, T] int64 token ids.</summary>
    public Tensor Tokens_BT { get; }

    /// <summary>[B, T] int64 positions within the lesson.</summary>
    public Tensor Positions_BT { get; }

    /// <summary>[B, T] int64 lesson within the row, from 1; 0 on padding.</summary>
    public Tensor Segments_BT { get; }

    /// <summary>The places that bear loss; null where there is none.</summary>
    public TargetTensors? Targets { get; }

    /// <summary>The places of the student's own tokens; null where there is none.</summary>
    public TargetTensors? Practice { get; }

    /// <summary>[M] int64: predictors of <see cref="Targets"/>, then of <see cref="Practice"/>; null where there is none.</summary>
    public Tensor? Predictors_M { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tokens_BT.Dispose();
        Positions_BT.Dispose();
        Segments_BT.Dispose();
        Targets?.Dispose();
        Practice?.Dispose();
        Predictors_M?.Dispose();
    }
}

/// <summary><see cref="LossTargets"/> on the device; N places, 1 or more.</summary>
public sealed class TargetTensors(LossTargets targets, Device device) : IDisposable
{
    /// <summary>The same places as plain values.</summary>
    public LossTargets Places { get; } = targets;

    /// <summary>[N] int64: index into the flattened [B·T] of the position that predicts each target.</summary>
    public Tensor Predictors_N { get; } = tensor(targets.Predictors, device: device).DetachFromDisposeScope();

    /// <summary>[N] int64: the target token ids.</summary>
    public Tensor Tokens_N { get; } = tensor(targets.Tokens, device: device).DetachFromDisposeScope();

    /// <summary>[N] float32: their weights.</summary>
    public Tensor Weights_N { get; } = tensor(targets.Weights, device: device).DetachFromDisposeScope();

    /// <inheritdoc/>
    public void Dispose()
    {
        Predictors_N.Dispose();
        Tokens_N.Dispose();
        Weights_N.Dispose();
    }
}
