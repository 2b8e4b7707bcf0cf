using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Batching;

/// <summary>
/// Composes steps: one token of every sample that decodes, and beside them as much of the prompts as keeps the step within
/// its time. Belongs to the engine's thread.
/// </summary>
/// <remarks>
/// A short rest of a prompt goes before a long one, so a long prompt does not hold up short ones; and a prompt that has not
/// moved for some steps (the patience) gets its share of the next one before any other, so short ones
/// do not hold up a long one for longer than that. Where decoding alone takes the time, prompts still move that often, by a
/// small chunk.
/// </remarks>
internal sealed class StepPlanner
{
    private const int SmallestChunk = 8;

    // Where no one decodes, a step may take this much longer: it delays only who arrives, or leaves, meanwhile.
    private const int IdleFactor = 10;

    private readonly StepBatch batch = new();
    private readonly MaskWorker masks;
    private readonly List<Sample> prompts = [];
    private readonly Placement placement;
    private readonly TimeSpan stall;
    private readonly int maxPrefillTokens;
    private readonly int patience;
    private readonly Comparison<Sample> order;
    private long now;
    private bool solosTurn;

    /// <param name="placement">Gives blocks.</param>
    /// <param name="stall">What a step that decodes may take.</param>
    /// <param name="maxPrefillTokens">Tokens of prompts in one step at most.</param>
    /// <param name="patience">Steps.</param>
    /// <param name="masks">Works out which tokens a form allows: samples sit out the steps until that is done.</param>
    public StepPlanner(Placement placement, TimeSpan stall, int maxPrefillTokens, int patience, MaskWorker masks)
    {
        (this.placement, this.stall, this.maxPrefillTokens, this.patience, this.masks) = (placement, stall, maxPrefillTokens, patience, masks);
        order = Order;
    }

    /// <summary>Whether a sample sat out the last step.</summary>
    public bool SomeoneSitsOut { get; set; }

    /// <summary>A step of a version; null where none of its samples can get on.</summary>
    /// <param name="lane">The version's samples.</param>
    /// <param name="step">Its number.</param>
    /// <param name="someoneDecodes">Whether a sample of any version waits for its next token alone.</param>
    public StepBatch? Compose(Lane lane, long step, bool someoneDecodes)
    {
        now = step;
        batch.Begin(lane.Version);
        var solo = NextSolo(lane);
        if (solo is null || !solosTurn || !TryAddSolo(solo))
        {
            AddDecodes(lane);
            AddPrompts(lane, someoneDecodes);
            solosTurn = true;
        }

        return batch.Rows.Count > 0 || (solo is { IsSeated: true } && TryAddSolo(solo)) ? batch : null;
    }

    /// <summary>
    /// Of the samples that are computed in steps of their own, the one that has waited for longest; null where there is none.
    /// </summary>
    private Sample? NextSolo(Lane lane)
    {
        Sample? next = null;
        for (var i = 0; i < lane.Running.Count; i++)
        {
            if (lane.Running[i].IsSolo && (next is null || lane.Running[i].LastStep < next.LastStep) && CanDraw(lane.Running[i]))
            {
                next = lane.Running[i];
            }
        }

        return next;
    }

    private bool CanDraw(Sample sample)
    {
        var canDraw = sample.Answer.Prepare(masks);
        SomeoneSitsOut |= !canDraw;
        return canDraw;
    }

    private bool TryAddSolo(Sample sample)
    {
        var count = sample.NextChunk;
        if (!placement.Secure(sample, sample.Cached + count, now))
        {
            return false;
        }

        sample.LastMoved = now;
        Add(sample, count, isPrefill: sample.Remaining > 1);
        solosTurn = false;
        return true;
    }

    private void AddDecodes(Lane lane)
    {
        // By rank. Who loses its blocks on the way ranks below, and so stands behind.
        for (var i = 0; i < lane.Running.Count; i++)
        {
            var sample = lane.Running[i];
            if (sample.Remaining == 1 && !sample.IsSolo && CanDraw(sample) && placement.Secure(sample, sample.Tokens.Length, now))
            {
                Add(sample, 1, isPrefill: false);
            }
        }
    }

    private void AddPrompts(Lane lane, bool someoneDecodes)
    {
        prompts.Clear();
        var late = 0;
        for (var i = 0; i < lane.Running.Count; i++)
        {
            if (lane.Running[i].Remaining > 1 && !lane.Running[i].IsSolo && CanDraw(lane.Running[i]))
            {
                prompts.Add(lane.Running[i]);
                late += IsLate(lane.Running[i]) ? 1 : 0;
            }
        }

        if (prompts.Count == 0)
        {
            return;
        }

        var times = lane.Version.Store.Times;
        var budget = times.Chunk(someoneDecodes ? stall : stall * IdleFactor, batch.DecodeRows > 0, maxPrefillTokens);

        // A step without a row that decodes would be empty otherwise.
        budget = late > 0 || batch.DecodeRows == 0 ? Math.Max(budget, Math.Min(SmallestChunk, maxPrefillTokens)) : budget;
        prompts.Sort(order);
        Fill(budget, late);
    }

    private void Fill(int budget, int late)
    {
        // The late ones share, and leave as much to those that are not.
        var share = Math.Max(SmallestChunk, budget / (late + 1));
        foreach (var sample in prompts)
        {
            // It may have lost its place to one before it.
            if (budget <= 0 || !sample.IsSeated)
            {
                continue;
            }

            var most = IsLate(sample) && prompts.Count > 1 ? Math.Min(share, budget) : budget;
            var count = Math.Min(sample.NextChunk, most);
            if (placement.Secure(sample, sample.Cached + count, now))
            {
                Add(sample, count, isPrefill: true);
                sample.LastMoved = now;
                budget -= count;
            }
        }
    }

    private bool IsLate(Sample sample) => now - sample.LastMoved >= patience;

    private void Add(Sample sample, int count, bool isPrefill)
    {
        sample.LastStep = now;
        batch.Add(sample, count, isPrefill);
    }

    /// <summary>The late ones, latest first; then the shortest rest; then by rank.</summary>
    private int Order(Sample one, Sample other)
    {
        var byLateness = IsLate(other).CompareTo(IsLate(one));
        if (byLateness != 0)
        {
            return byLateness;
        }

        var byOwn = IsLate(one) ? one.LastMoved.CompareTo(other.LastMoved) : one.Remaining.CompareTo(other.Remaining);
        return byOwn != 0 ? byOwn : Sample.Rank(one, other);
    }
}
