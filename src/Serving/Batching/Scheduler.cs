using Orca.Serving.Admission;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Batching;

/// <summary>
/// Decides what each step computes. Knows requests, slots and versions; knows no tensors. Belongs to the engine's thread.
/// </summary>
/// <remarks>
/// Prefill and decode of every version take turns, so whoever waits for one of n kinds of step waits for n-1 others at
/// most. A sequence stays on the version it was bound to; a version whose last sequence has left is retired.
/// </remarks>
internal sealed class Scheduler(AdmissionQueue queue, int maxPrefillTokens, TimeProvider clock)
{
    private readonly List<Lane> lanes = [];
    private Lane? current;
    private long turn;

    /// <summary>Called with each version that nothing needs any more.</summary>
    public required Action<StudentVersion> Retire { get; init; }

    /// <summary>Called with each sequence that has ended.</summary>
    public required Action<Sequence> Leave { get; init; }

    /// <summary>Sequences that have a slot.</summary>
    public int Running => lanes.Sum(lane => lane.Running.Count);

    /// <summary>New sequences are bound to this version from now on.</summary>
    public void Switch(StudentVersion version)
    {
        current = new Lane(version);
        lanes.Add(current);
        RetireIdleLanes();
    }

    /// <summary>Drops the sequences somebody asked to end.</summary>
    public void DropLeavers()
    {
        foreach (var lane in lanes)
        {
            foreach (var sequence in lane.Running.FindAll(sequence => sequence.IsLeaving))
            {
                sequence.EndByLeaving();
                Release(lane, sequence);
            }
        }

        RetireIdleLanes();
    }

    /// <summary>Gives free slots to those who wait.</summary>
    public void Admit()
    {
        while (current?.Version.Slots is { Free: > 0 } slots && queue.TryDequeue(_ => true) is { } sequence)
        {
            var slot = slots.TryTake()!.Value;
            if (TryBind(sequence, slot))
            {
                current.Running.Add(sequence);
            }
            else
            {
                slots.Return(slot);
                Leave(sequence);
            }
        }
    }

    /// <summary>The next step; null where there is nothing to compute.</summary>
    public StepBatch? Schedule()
    {
        var prefill = lanes.Where(lane => lane.Prefills).MinBy(lane => lane.LastTurn.Prefill);
        var decode = lanes.Where(lane => lane.Decodes).MinBy(lane => lane.LastTurn.Decode);
        turn++;
        if (prefill is not null && (decode is null || prefill.LastTurn.Prefill <= decode.LastTurn.Decode))
        {
            prefill.LastTurn = prefill.LastTurn with { Prefill = turn };
            return prefill.PrefillStep(maxPrefillTokens);
        }

        if (decode is not null)
        {
            decode.LastTurn = decode.LastTurn with { Decode = turn };
        }

        return decode?.DecodeStep();
    }

    /// <summary>Takes a step's result: one token for each row that draws, in order; null where its logits were not finite.</summary>
    public void Commit(StepBatch batch, ReadOnlySpan<DrawnToken?> drawn)
    {
        var next = 0;
        var lane = LaneOf(batch);
        foreach (var row in batch.Rows)
        {
            row.Sequence.Advance(row.Count);
            if (row.Sequence.Remaining == 0)
            {
                Take(row.Sequence, row.Sequence.OnlyScores ? null : drawn[next++]);
            }

            if (row.Sequence.HasEnded)
            {
                Release(lane, row.Sequence);
            }
        }

        EngineInvariantException.Require(next == drawn.Length, $"{drawn.Length} tokens were drawn for {next} rows");
        RetireIdleLanes();
    }

    /// <summary>Ends every sequence of a step that failed.</summary>
    public void Fail(StepBatch batch, Exception error)
    {
        var lane = LaneOf(batch);
        foreach (var row in batch.Rows)
        {
            row.Sequence.Fail(error);
            Release(lane, row.Sequence);
        }

        RetireIdleLanes();
    }

    /// <summary>Ends everything that waits or runs, and retires every version.</summary>
    public void FailAll(Func<Exception> error)
    {
        while (queue.TryDequeue(_ => true) is { } waiting)
        {
            waiting.Fail(error());
            Leave(waiting);
        }

        foreach (var lane in lanes)
        {
            foreach (var sequence in lane.Running.ToList())
            {
                sequence.Fail(error());
                Release(lane, sequence);
            }
        }

        current = null;
        RetireIdleLanes();
    }

    private static void Take(Sequence sequence, DrawnToken? drawn)
    {
        if (sequence.PromptLogprobs is { IsBroken: false } && sequence.OnlyScores)
        {
            sequence.EndScored();
        }
        else if (drawn is { } token && sequence.PromptLogprobs is not { IsBroken: true })
        {
            sequence.Accept(token);
        }
        else
        {
            sequence.Fail(new GenerationException(
                Failure.StepFailed, $"Version {sequence.Version!.Number} gave logits that are not finite; another version may answer."));
        }
    }

    private bool TryBind(Sequence sequence, int slot)
    {
        try
        {
            sequence.Bind(current!.Version, slot, current.Version.ContextTokens, clock);
            return true;
        }
        catch (GenerationException refusal)
        {
            sequence.Fail(refusal);
            return false;
        }
    }

    private Lane LaneOf(StepBatch batch) => lanes.Single(lane => lane.Version == batch.Version);

    private void Release(Lane lane, Sequence sequence)
    {
        var isMember = lane.Running.Remove(sequence);
        EngineInvariantException.Require(isMember, $"sequence {sequence.Id} leaves version {lane.Version.Number} twice");
        lane.Version.Cache.Return(sequence);
        Leave(sequence);
    }

    private void RetireIdleLanes()
    {
        foreach (var lane in lanes.FindAll(lane => lane != current && lane.Running.Count == 0))
        {
            lanes.Remove(lane);
            Retire(lane.Version);
        }
    }
}
