using Orca.Serving.Execution;

namespace Orca.Serving.Batching;

/// <summary>Every loaded version with its samples. Belongs to the engine's thread.</summary>
internal sealed class LaneSet
{
    private readonly List<Lane> lanes = [];

    /// <summary>The lanes, in the order their versions were loaded.</summary>
    public IReadOnlyList<Lane> All => lanes;

    /// <summary>Samples that have a place.</summary>
    public int Running
    {
        get
        {
            var count = 0;
            foreach (var lane in lanes)
            {
                count += lane.Running.Count;
            }

            return count;
        }
    }

    /// <summary>Samples that have begun and wait for a place.</summary>
    public int Waiting
    {
        get
        {
            var count = 0;
            foreach (var lane in lanes)
            {
                count += lane.Waiting.Count;
            }

            return count;
        }
    }

    /// <summary>Whether some sample waits for its next token alone.</summary>
    public bool Decodes
    {
        get
        {
            foreach (var lane in lanes)
            {
                for (var i = 0; i < lane.Running.Count; i++)
                {
                    if (lane.Running[i].Remaining == 1)
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }

    public void Add(Lane lane) => lanes.Add(lane);

    public void Remove(Lane lane) => lanes.Remove(lane);

    /// <summary>The lane of a version; null where it is not loaded.</summary>
    public Lane? Find(long version)
    {
        foreach (var lane in lanes)
        {
            if (lane.Version.Number == version)
            {
                return lane;
            }
        }

        return null;
    }

    /// <summary>The lane a sample is in.</summary>
    public Lane Of(Sample sample) =>
        Find(sample.Version.Number) ?? throw new EngineInvariantException($"sequence {sample.Sequence.Id} runs on a version that is not loaded");

    /// <summary>Of the samples that have a place over a store, the last by rank of those that are not part of a step; null where there is none.</summary>
    public Sample? LastOver(BlockStore store, long step)
    {
        Sample? last = null;
        foreach (var lane in lanes)
        {
            for (var i = lane.Running.Count - 1; i >= 0 && lane.Version.Store == store; i--)
            {
                var sample = lane.Running[i];
                if (sample.LastStep != step)
                {
                    last = last is null || Sample.Rank(sample, last) > 0 ? sample : last;
                    break;
                }
            }
        }

        return last;
    }

    /// <summary>Throws where a pool and the tables of its samples differ.</summary>
    /// <exception cref="EngineInvariantException">A block is lost, counted wrongly, or two things at once.</exception>
    public void Audit()
    {
        foreach (var store in lanes.Select(lane => lane.Version.Store).Distinct())
        {
            var samples = lanes.Where(lane => lane.Version.Store == store).SelectMany(lane => lane.Running.Concat(lane.Waiting)).ToList();
            EngineInvariantException.Require(samples.Distinct().Count() == samples.Count, $"a sample is in two lanes");
            BlockAudit.Check(store.Pool, samples.Select(sample => sample.Table));
            foreach (var sample in samples)
            {
                sample.Table.Audit(sample.Cached);
            }
        }

        foreach (var idle in lanes.SelectMany(lane => lane.Waiting).Where(sample => sample.Table.Count > 0))
        {
            throw new EngineInvariantException($"sequence {idle.Sequence.Id} waits with {idle.Table.Count} blocks");
        }
    }
}
