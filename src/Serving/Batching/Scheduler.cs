using Orca.Serving.Admission;
using Orca.Serving.Engine;
using Orca.Serving.Execution;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Batching;

/// <summary>
/// Decides what each step computes, and takes what it gave. Knows requests, blocks and versions; knows no tensors. Belongs
/// to the engine's thread.
/// </summary>
/// <remarks>Versions that have something to compute take turns: whoever waits for one of n waits for n-1 steps at most.</remarks>
internal sealed class Scheduler
{
    private readonly AdmissionQueue queue;
    private readonly TimeProvider clock;
    private readonly Placement placement;
    private readonly StepPlanner planner;
    private readonly PlaceSharing sharing;
    private long turn;

    // Requests begun that asked for no version.
    private long divided;

    /// <param name="queue">Those that wait to begin.</param>
    /// <param name="options">How the engine runs.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="masks">Works out which tokens a form allows.</param>
    public Scheduler(AdmissionQueue queue, EngineOptions options, TimeProvider clock, MaskWorker masks)
    {
        (this.queue, this.clock) = (queue, clock);
        placement = new Placement(Lanes, options.MaxConcurrentRequests);
        planner = new StepPlanner(placement, options.MaxDecodeStall, options.MaxPrefillTokens, options.PrefillPatience, masks);
        sharing = new PlaceSharing(queue, Lanes, placement, LaneFor, clock);
    }

    /// <summary>The loaded versions and their samples.</summary>
    public LaneSet Lanes { get; } = new();

    /// <summary>Which versions answer.</summary>
    public TrafficSplit Traffic { get; set; } = TrafficSplit.None;

    /// <summary>Gives places and blocks.</summary>
    public Placement Placement => placement;

    /// <summary>Steps scheduled.</summary>
    public long Turn => turn;

    /// <summary>Whether a sample sat out the last step, until it is known which tokens its form allows.</summary>
    public bool SomeoneSitsOut => planner.SomeoneSitsOut;

    /// <summary>Bytes allocated for what callers are told: text and events.</summary>
    public long ToldBytes { get; private set; }

    /// <summary>Called with each sequence that has ended.</summary>
    public required Action<Sequence> Leave { get; init; }

    /// <summary>Drops the sequences somebody asked to end.</summary>
    public void DropLeavers()
    {
        for (var i = 0; i < Lanes.All.Count; i++)
        {
            DropLeavers(Lanes.All[i].Running);
            DropLeavers(Lanes.All[i].Waiting);
        }
    }

    /// <summary>Gives places to those that wait to go on and to those that wait to begin.</summary>
    public void Admit()
    {
        if (Traffic.Shares.IsEmpty)
        {
            placement.Resume(turn);
            return;
        }

        sharing.EvenOut();
        while (sharing.Next(turn) is { } sequence)
        {
            try
            {
                Begin(sequence);
            }
            catch (GenerationException refusal)
            {
                sequence.Fail(refusal);
                Leave(sequence);
            }
        }
    }

    /// <summary>The next step; null where there is nothing to compute.</summary>
    public StepBatch? Schedule()
    {
        turn++;
        planner.SomeoneSitsOut = false;
        var someoneDecodes = Lanes.Decodes;
        for (var tried = 0; tried < Lanes.All.Count; tried++)
        {
            var lane = LongestWaiting();
            lane.LastTurn = turn;
            if (lane.Running.Count > 0 && planner.Compose(lane, turn, someoneDecodes) is { } batch)
            {
                return batch;
            }
        }

        EngineInvariantException.Require(
            Lanes.Running == 0 || planner.SomeoneSitsOut, $"{Lanes.Running} samples have a place and none can get on");
        return null;
    }

    /// <summary>Takes a step's result, and draws the next tokens from it.</summary>
    public void Commit(StepBatch batch, ModelRunner runner)
    {
        var now = clock.GetTimestamp();
        var draw = 0;
        for (var r = 0; r < batch.Rows.Count; r++)
        {
            var row = batch.Rows[r];
            var sample = row.Sample;
            if (sample.HasEnded)
            {
                // Another sample of its request failed in this step.
                draw += row.Draws ? 1 : 0;
                continue;
            }

            sample.Advance(row.Count);
            if (sample.Sequence.PromptLogprobs is { IsBroken: true })
            {
                FailAsNotFinite(sample);
                draw += row.Draws ? 1 : 0;
            }
            else if (sample.Remaining == 0 && sample.Sequence.OnlyScores)
            {
                // The prompt is scored, which was all.
                sample.EndEarly(EndReason.Length, clock);
                ReleaseEnded(sample);
            }
            else if (sample.Remaining == 0)
            {
                ForkFrom(sample);
                Draw(sample, draw++, now, runner);
            }
        }

        EngineInvariantException.Require(draw == batch.Draws, $"{draw} rows drew where {batch.Draws} were to");
    }

    /// <summary>Ends every request of a step that failed. What the step had written is not to be trusted.</summary>
    public void Fail(StepBatch batch, Exception error)
    {
        for (var r = 0; r < batch.Rows.Count; r++)
        {
            var sequence = batch.Rows[r].Sample.Sequence;
            if (!sequence.HasEnded)
            {
                Fail(sequence, error);
            }
        }
    }

    /// <summary>Ends everything that runs, and everything that waits.</summary>
    public void FailAll(Func<Exception> error)
    {
        while (queue.TryDequeue(_ => true) is { } waiting)
        {
            waiting.Fail(error());
            Leave(waiting);
        }

        foreach (var lane in Lanes.All)
        {
            while (!lane.IsEmpty)
            {
                Fail((lane.Running.Count > 0 ? lane.Running[0] : lane.Waiting[0]).Sequence, error());
            }
        }
    }

    /// <summary>Ends a request with an error.</summary>
    /// <param name="sequence">The request.</param>
    /// <param name="error">The error.</param>
    /// <param name="isSuspect">What it computed is not to be trusted.</param>
    public void Fail(Sequence sequence, Exception error, bool isSuspect = true)
    {
        sequence.Fail(error);
        Clear(sequence, isSuspect);
    }

    /// <summary>Takes everything from the samples of a request that has ended.</summary>
    public void Clear(Sequence sequence, bool isSuspect)
    {
        foreach (var sample in sequence.Samples)
        {
            // One that had ended before was released then.
            if (sample is not null && sample.TryLeave(isSuspect))
            {
                placement.Release(sample);
            }
        }

        Leave(sequence);
    }

    private void DropLeavers(IReadOnlyList<Sample> samples)
    {
        for (var i = samples.Count - 1; i >= 0; i = Math.Min(i, samples.Count) - 1)
        {
            var sequence = samples[i].Sequence;
            if (sequence.IsLeaving)
            {
                sequence.EndByLeaving(clock);
                Clear(sequence, isSuspect: false);
            }
        }
    }

    private Lane? LaneFor(Sequence sequence)
    {
        var weights = sequence.Request.Weights;
        var version = weights.PinVersion ?? Traffic.Choose(divided, weights.MinVersion);
        return version is { } number ? Lanes.Find(number) : null;
    }

    private void Begin(Sequence sequence)
    {
        var lane = LaneFor(sequence) ?? throw NoVersionFor(sequence);
        divided += sequence.Request.Weights.PinVersion is null ? 1 : 0;
        sequence.Prepare(lane.Version);
        var sample = sequence.Begin(0, lane.Version);
        placement.Seat(lane, sample, turn);
        sequence.Accept(lane.Version, sample.Cached, clock);
    }

    private static GenerationException NoVersionFor(Sequence sequence) => sequence.Request.Weights.PinVersion is { } pinned
        ? new GenerationException(
            Failure.UnknownVersion, $"Version {pinned} was unloaded while the request waited; ask for another, or for none.")
        : new GenerationException(
            Failure.VersionNotReady,
            $"No version from {sequence.Request.Weights.MinVersion} on answers any more; try again later, or ask for an older one.");

    private Lane LongestWaiting()
    {
        var longest = Lanes.All[0];
        for (var i = 1; i < Lanes.All.Count; i++)
        {
            longest = Lanes.All[i].LastTurn < longest.LastTurn ? Lanes.All[i] : longest;
        }

        return longest;
    }

    /// <summary>When a request's prompt is computed, its other samples begin from there.</summary>
    private void ForkFrom(Sample first)
    {
        var sequence = first.Sequence;
        if (first.Index > 0 || first.Answer.Count > 0)
        {
            return;
        }

        for (var index = 1; index < sequence.Samples.Length; index++)
        {
            placement.Fork(Lanes.Of(first), first, sequence.Begin(index, first.Version), turn);
        }
    }

    private void Draw(Sample sample, int row, long now, ModelRunner runner)
    {
        // All samples draw their first token from the one row of the prompt.
        var others = sample.Index == 0 && sample.Answer.Count == 0 ? sample.Sequence.Samples.Length : 1;
        for (var index = 0; index < others && !sample.Sequence.HasEnded; index++)
        {
            Take(others > 1 ? sample.Sequence.Samples[index]! : sample, row, others > 1, now, runner);
        }
    }

    private void Take(Sample sample, int row, bool isShared, long now, ModelRunner runner)
    {
        DrawnToken? draw;
        try
        {
            draw = runner.Draw(row, sample, isShared);
        }
        catch (GenerationException refusal)
        {
            Fail(sample.Sequence, refusal, isSuspect: false);
            return;
        }

        var vitals = sample.Version.Vitals;
        if (draw is not { } drawn)
        {
            vitals.Drew(isEnd: false, finite: false, sample.Answer.Count, sample.Sequence.Request.Scheduling.Caller);
            FailAsNotFinite(sample);
            return;
        }

        // What a request pushes its answers to says nothing of the version, and neither do more samples of one prompt.
        if (sample.Index == 0 && sample.Sequence.Request.LeavesAnswersToStudent)
        {
            vitals.Drew(sample.Answer.IsEnd(drawn.Token), finite: true, sample.Answer.Count, sample.Sequence.Request.Scheduling.Caller);
        }

        // What its caller is told is made for its caller, and counted apart from what the step costs.
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        sample.Accept(drawn, now, clock);
        ToldBytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (sample.Answer.Reason is not null)
        {
            ReleaseEnded(sample);
        }
    }

    private void ReleaseEnded(Sample sample)
    {
        sample.TryLeave(isSuspect: false);
        placement.Release(sample);
        if (sample.Sequence.HasEnded)
        {
            Leave(sample.Sequence);
        }
    }

    private void FailAsNotFinite(Sample sample) => Fail(sample.Sequence, new GenerationException(
        Failure.StepFailed, $"Version {sample.Version.Number} gave logits that are not finite; another version may answer."));
}
