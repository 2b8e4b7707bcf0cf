using Orca.Streams.Storage;

namespace Orca.Streams.Curricula;

/// <summary>Lessons of a stage by place: those just offered from memory, all others from the store.</summary>
internal sealed class OfferedLessons(TraceStore store, LessonMaker maker)
{
    private const int ReadAhead = 64;
    private readonly Dictionary<(int Stage, long Place), OfferMessage> offers = [];
    private readonly Queue<AcceptedTrace> ahead = [];
    private string aheadStage = "";

    /// <summary>Keeps an offer until its place is taken.</summary>
    public void Add(OfferMessage offer) => offers[(offer.Stage, offer.Place)] = offer;

    /// <summary>The lesson of the next place; null where its trace makes none. Frees the offer's credit.</summary>
    public Lesson? Take(int stage, string stageName, long place)
    {
        if (offers.Remove((stage, place), out var offer))
        {
            offer.Release();
            return offer.Lesson;
        }

        return Ahead(stageName, place) is { } trace ? maker.Make(trace.Trace).Lesson : null;
    }

    /// <summary>The lesson of a place that was taken before.</summary>
    public Lesson? Again(string stageName, long place) =>
        store.Accepted(stageName, place, 1) is [{ } trace] && trace.Place == place ? maker.Make(trace.Trace).Lesson : null;

    /// <summary>Frees the credits of offers that no lesson will be made of: those of earlier stages, and of places passed over.</summary>
    public void ReleaseBefore(int stage, long place) =>
        Release(offer => offer.Stage < stage || (offer.Stage == stage && offer.Place < place));

    /// <summary>Frees every credit.</summary>
    public void ReleaseAll() => Release(_ => true);

    private void Release(Func<OfferMessage, bool> which)
    {
        foreach (var offer in offers.Values.Where(which).ToList())
        {
            offers.Remove((offer.Stage, offer.Place));
            offer.Release();
        }
    }

    private AcceptedTrace? Ahead(string stageName, long place)
    {
        if (aheadStage != stageName || !ahead.TryPeek(out var next) || next.Place != place)
        {
            ahead.Clear();
            aheadStage = stageName;
            foreach (var trace in store.Accepted(stageName, place, ReadAhead))
            {
                ahead.Enqueue(trace);
            }
        }

        return ahead.TryDequeue(out var found) && found.Place == place ? found : null;
    }
}
