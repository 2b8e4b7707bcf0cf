using Orca.Streams.Bus;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>Lessons of a stage by place: of traces that just came from memory, of all others from the store.</summary>
/// <param name="store">Where the traces are.</param>
/// <param name="maker">Makes the lessons.</param>
/// <param name="acknowledge">Called with stage and place of each trace that came, once it is taken or no longer wanted.</param>
internal sealed class OfferedLessons(TraceStore store, LessonMaker maker, Action<string, long> acknowledge)
{
    private const int ReadAhead = 64;
    private readonly Dictionary<(string Stage, long Place), Trace> offers = [];
    private readonly Queue<AcceptedTrace> ahead = [];
    private string aheadStage = "";

    /// <summary>Keeps a trace until its place is taken.</summary>
    public void Add(TraceAccepted accepted) => offers[(accepted.Stage, accepted.Place)] = accepted.Trace;

    /// <summary>The lesson of the next place; null where its trace makes none.</summary>
    public Lesson? Take(string stage, long place)
    {
        if (offers.Remove((stage, place), out var offered))
        {
            acknowledge(stage, place);
            return maker.Make(offered).Lesson;
        }

        return Ahead(stage, place) is { } trace ? maker.Make(trace.Trace).Lesson : null;
    }

    /// <summary>The lesson of a place that was taken before.</summary>
    public Lesson? Again(string stage, long place) =>
        store.Accepted(stage, place, 1) is [{ } trace] && trace.Place == place ? maker.Make(trace.Trace).Lesson : null;

    /// <summary>Lets go of traces that no lesson will be made of.</summary>
    public void Release(Func<string, long, bool> isOver)
    {
        foreach (var (stage, place) in offers.Keys.Where(offer => isOver(offer.Stage, offer.Place)).ToList())
        {
            offers.Remove((stage, place));
            acknowledge(stage, place);
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
