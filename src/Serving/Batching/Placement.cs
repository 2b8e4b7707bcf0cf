using Orca.Serving.Execution;

namespace Orca.Serving.Batching;

/// <summary>
/// Gives samples places and blocks, and takes them back. When blocks run out, the sample that ranks last gives up its own
/// and is computed again later: so whoever ranks first always gets on, and nothing waits for ever. Belongs to the engine's
/// thread.
/// </summary>
internal sealed class Placement(LaneSet lanes, int maxRunning)
{
    /// <summary>Tokens that were found and not computed.</summary>
    public long FoundTokens { get; private set; }

    /// <summary>Times a sample lost its place.</summary>
    public long Preemptions { get; private set; }

    /// <summary>Whether another sample can have a place, if there are blocks for it.</summary>
    public bool HasPlace => lanes.Running < maxRunning;

    /// <summary>Whether a sample of so many tokens can have a place, and begin without soon taking blocks from those that run.</summary>
    public bool Fits(Lane lane, int tokens) => HasPlace && HasBlocks(lane, tokens);

    /// <summary>
    /// Whether a sample of so many tokens could begin, if it had a place, without soon taking blocks from those that run.
    /// </summary>
    /// <param name="lane">The lane it would run in.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="more">Blocks that could be had beside those that can be had now.</param>
    public bool HasBlocks(Lane lane, int tokens, int more = 0)
    {
        var store = lane.Version.Store;
        return store.BlocksFor(Math.Min(tokens + 1, store.ContextTokens)) + Reserved(store) <= store.Pool.Available + more;
    }

    /// <summary>Gives a sample its place, and what is found of its tokens.</summary>
    public void Seat(Lane lane, Sample sample, long turn)
    {
        sample.TakeFound();
        FoundTokens += sample.Cached;
        sample.LastMoved = turn;
        lane.Seat(sample);
    }

    /// <summary>Gives another sample of a request its place beside the first, or has it wait for one.</summary>
    public void Fork(Lane lane, Sample first, Sample other, long turn)
    {
        if (lanes.Running < maxRunning && other.TryFork(first))
        {
            other.LastMoved = turn;
            lane.Seat(other);
        }
        else
        {
            lane.Wait(other);
        }
    }

    /// <summary>Those that wait to go on get places, as far as they fit.</summary>
    public void Resume(long turn)
    {
        while (TryResume(turn))
        {
        }
    }

    /// <summary>
    /// One that waits to go on gets a place: of the caller that holds fewest, and of that one's the first by rank. False where none
    /// fits.
    /// </summary>
    public bool TryResume(long turn)
    {
        for (var i = 0; i < lanes.All.Count; i++)
        {
            var lane = lanes.All[i];
            if (lanes.NextIn(lane) is { } sample && Fits(lane, sample.Tokens.Length))
            {
                lane.Remove(sample);
                Seat(lane, sample, turn);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Has blocks for so many tokens of a sample, taken from those that rank below it where need be; false where it must wait, or lost
    /// its own.
    /// </summary>
    /// <param name="sample">The sample, which has a place.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="step">The step in the making: what is part of it keeps its blocks.</param>
    public bool Secure(Sample sample, int tokens, long step)
    {
        while (!sample.Table.TryGrow(tokens))
        {
            var victim = lanes.LastOver(sample.Version.Store, step);
            if (victim is null || Sample.Rank(victim, sample) < 0)
            {
                return false;
            }

            Preempt(victim);
            if (victim == sample)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a sample's place and blocks from it; it is computed again later.</summary>
    public void Preempt(Sample sample)
    {
        var lane = lanes.Of(sample);
        lane.Remove(sample);
        sample.Preempt();
        Preemptions++;
        lane.Wait(sample);
    }

    /// <summary>A sample has ended: its place and blocks are free.</summary>
    public void Release(Sample sample)
    {
        lanes.Of(sample).Remove(sample);
        sample.GiveBlocksBack();
    }

    /// <summary>Whether those that run over a store are to need more blocks than there are, for the tokens they have.</summary>
    public bool Lacks(BlockStore store) => Wanted(store, ahead: 0) > store.Pool.Available;

    /// <summary>Blocks that those that run need for the tokens they have, and one for each that may need more.</summary>
    private int Reserved(BlockStore store) => Wanted(store, ahead: 1);

    private int Wanted(BlockStore store, int ahead)
    {
        var blocks = 0;
        for (var l = 0; l < lanes.All.Count; l++)
        {
            var lane = lanes.All[l];
            for (var i = 0; i < lane.Running.Count && lane.Version.Store == store; i++)
            {
                var sample = lane.Running[i];
                var most = store.BlocksFor(sample.MostTokens);
                blocks += Math.Min(Math.Max(store.BlocksFor(sample.Tokens.Length) + ahead, sample.Table.Count), most) - sample.Table.Count;
            }
        }

        return blocks;
    }
}
