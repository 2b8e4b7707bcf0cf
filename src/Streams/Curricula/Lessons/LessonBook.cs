using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// Lessons of a stage by place: of traces that just came from memory, of all others from the store, a page at a time. Lessons that were
/// made are kept as tokens, the latest used ones, up to a bound.
/// </summary>
/// <param name="store">Where the traces are.</param>
/// <param name="maker">Makes the lessons.</param>
/// <param name="maxTokens">Tokens that are kept, about four bytes each.</param>
internal sealed class LessonBook(TraceStore store, LessonMaker maker, long maxTokens = LessonBook.DefaultTokens)
{
    /// <summary>Tokens that are kept unless told otherwise: 64 MiB.</summary>
    public const long DefaultTokens = 16L << 20;

    private const int Page = 64;

    // What a lesson without tokens weighs, and one that none can be made of.
    private const int LeastWeight = 64;

    private readonly Dictionary<(string Stage, long Place), Trace> offers = [];
    private readonly Dictionary<(string Stage, long Place), LinkedListNode<Made>> made = [];
    private readonly LinkedList<Made> byUse = [];
    private long tokens;

    /// <summary>Keeps a trace until its place is asked for or it is let go.</summary>
    public void Add(TraceAccepted accepted) => offers[(accepted.Stage, accepted.Place)] = accepted.Trace;

    /// <summary>Lets go of a trace; it is read from the store if it is asked for after all.</summary>
    public void Release(string stage, long place) => offers.Remove((stage, place));

    /// <summary>The lesson of a place; null where its trace makes none, or there is none.</summary>
    public Lesson? At(string stage, long place)
    {
        if (made.TryGetValue((stage, place), out var known))
        {
            byUse.Remove(known);
            byUse.AddFirst(known);
            return known.Value.Lesson;
        }

        if (offers.Remove((stage, place), out var offered))
        {
            return Keep(stage, place, maker.Make(offered).Lesson);
        }

        foreach (var trace in store.Accepted(stage, place - (place % Page), Page))
        {
            if (!made.ContainsKey((stage, trace.Place)))
            {
                Keep(stage, trace.Place, maker.Make(trace.Trace).Lesson);
            }
        }

        return made.TryGetValue((stage, place), out var read) ? read.Value.Lesson : null;
    }

    private Lesson? Keep(string stage, long place, Lesson? lesson)
    {
        var node = byUse.AddFirst(new Made(stage, place, lesson));
        made[(stage, place)] = node;
        tokens += node.Value.Weight;
        while (tokens > maxTokens && byUse.Count > Page && byUse.Last is { } last)
        {
            byUse.RemoveLast();
            made.Remove((last.Value.Stage, last.Value.Place));
            tokens -= last.Value.Weight;
        }

        return lesson;
    }

    private sealed record Made(string Stage, long Place, Lesson? Lesson)
    {
        public int Weight => LeastWeight + (Lesson is null ? 0 : Lesson.Length + Lesson.HintedPromptTokens.Length);
    }
}
