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
        Find(sample.Version.Number)
            ?? throw new EngineInvariantException($"sequence {sample.Sequence.Id} runs on a version that is not loaded");

    /// <summary>
    /// Of the samples that have a place over a store, the last by rank of those that are not part of a step; null where there is none.
    /// </summary>
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

    /// <summary>Places that a caller holds.</summary>
    public int PlacesOf(string caller)
    {
        var count = 0;
        foreach (var lane in lanes)
        {
            for (var i = 0; i < lane.Running.Count; i++)
            {
                count += lane.Running[i].Caller == caller ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>The caller that holds most places, and how many; 0 where nobody holds one.</summary>
    public (string Caller, int Places) MostPlaces()
    {
        var most = (Caller: "", Places: 0);
        foreach (var lane in lanes)
        {
            for (var i = 0; i < lane.Running.Count; i++)
            {
                var caller = lane.Running[i].Caller;
                if ((most.Places == 0 || caller != most.Caller) && PlacesOf(caller) is var places && places > most.Places)
                {
                    most = (caller, places);
                }
            }
        }

        return most;
    }

    /// <summary>Of a caller's samples that have a place, the last by rank.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="before">Only those that rank before it; null: any.</param>
    public Sample LastOf(string caller, Sample? before = null)
    {
        Sample? last = null;
        foreach (var lane in lanes)
        {
            for (var i = lane.Running.Count - 1; i >= 0; i--)
            {
                var sample = lane.Running[i];
                last = sample.Caller == caller
                    && (before is null || Sample.Rank(sample, before) < 0)
                    && (last is null || Sample.Rank(sample, last) > 0)
                    ? sample
                    : last;
            }
        }

        return last ?? throw new EngineInvariantException($"caller '{caller}' holds no place");
    }

    /// <summary>
    /// Of the callers whose samples run over a store, the one that holds most places: the last by rank of its samples there. Null
    /// where they all hold as many.
    /// </summary>
    public Sample? Excess(BlockStore store)
    {
        Sample? last = null;
        var (fewest, most) = (int.MaxValue, 0);
        foreach (var lane in lanes)
        {
            for (var i = 0; i < lane.Running.Count && lane.Version.Store == store; i++)
            {
                var sample = lane.Running[i];
                var places = PlacesOf(sample.Caller);
                if (places > most || (places == most && Sample.Rank(sample, last!) > 0))
                {
                    (last, most) = (sample, places);
                }

                fewest = Math.Min(fewest, places);
            }
        }

        return most > fewest ? last : null;
    }

    /// <summary>
    /// Of a lane's samples that wait, the one whose turn is next: of the caller that holds fewest places, the first by rank; null where
    /// none waits.
    /// </summary>
    public Sample? NextIn(Lane lane) => NextIn(lane, out _);

    /// <summary>Places of the caller that holds fewest of those whose samples wait; <see cref="int.MaxValue"/> where none waits.</summary>
    public int FewestPlacesOfWaiting()
    {
        var fewest = int.MaxValue;
        foreach (var lane in lanes)
        {
            NextIn(lane, out var places);
            fewest = Math.Min(fewest, places);
        }

        return fewest;
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

    private Sample? NextIn(Lane lane, out int fewest)
    {
        Sample? next = null;
        fewest = int.MaxValue;
        for (var i = 0; i < lane.Waiting.Count; i++)
        {
            // Samples of one caller mostly stand together.
            var sample = lane.Waiting[i];
            if ((i == 0 || sample.Caller != lane.Waiting[i - 1].Caller) && PlacesOf(sample.Caller) is var places && places < fewest)
            {
                (next, fewest) = (sample, places);
            }
        }

        return next;
    }
}
