using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Storage;

/// <summary>What the store knows of a request.</summary>
/// <param name="Key">Its key in the store.</param>
/// <param name="Answer">The stored answer; null while it has none.</param>
/// <param name="Outcome">The verdict; null while it has none.</param>
public sealed record StoredRequest(long Key, Trace? Answer, TraceOutcome? Outcome);

/// <summary>How a request ended.</summary>
public enum TraceOutcome
{
    /// <summary>Every screen let the answer pass.</summary>
    Accepted,

    /// <summary>A screen rejected the answer.</summary>
    Rejected,

    /// <summary>It can never be answered.</summary>
    Failed,
}

/// <summary>An accepted trace in its place.</summary>
/// <param name="Place">Its number among the accepted traces of its stage, from 0, in the order they were accepted.</param>
/// <param name="Trace">The trace.</param>
public sealed record AcceptedTrace(long Place, Trace Trace);

/// <summary>A rejected trace.</summary>
/// <param name="Key">Its request's key.</param>
/// <param name="Trace">The trace.</param>
/// <param name="Screen">The screen that rejected it.</param>
/// <param name="Settings">By which settings; null where they are not known.</param>
/// <param name="Reason">Why.</param>
internal sealed record RejectedTrace(long Key, Trace Trace, string Screen, string? Settings, string Reason);

/// <summary>What came of judging rejected traces again.</summary>
/// <param name="Judged">How many were.</param>
/// <param name="Accepted">How many of them are accepted now.</param>
public sealed record ScreenedAgain(long Judged, long Accepted);

/// <summary>Where an accepted trace stands, and what it is of.</summary>
/// <param name="Place">Its place among those of its stage, from 0.</param>
/// <param name="Collection">Its collection.</param>
/// <param name="Task">Its task.</param>
/// <param name="Difficulty">Its difficulty; null where that is unknown.</param>
public readonly record struct AcceptedPlace(long Place, string Collection, string Task, int? Difficulty);

/// <summary>A command to the curriculum, as it was journaled.</summary>
/// <param name="Revision">The curriculum's revision after it.</param>
/// <param name="Id">What the caller named it.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Payload">Its arguments as a JSON object.</param>
public sealed record JournaledCommand(long Revision, string Id, string Kind, string Payload)
{
    /// <summary>Number of the first lesson that is chosen under it; null in a journal of an earlier version.</summary>
    public long? Lesson { get; init; }

    /// <summary>Number of the first question that is drawn under it; null as for the lesson.</summary>
    public long? Draw { get; init; }

    /// <summary>The first step that it acts on; null where no student is trained, or a kill came before that was written.</summary>
    public long? Step { get; init; }
}

/// <summary>A lesson as it was given out.</summary>
/// <param name="Ordinal">Its number.</param>
/// <param name="Stage">Name of its stage.</param>
/// <param name="Place">Its trace's place among those of the stage.</param>
public readonly record struct LoggedLesson(long Ordinal, string Stage, long Place)
{
    /// <summary>The epoch that it was taught again in; 0 for the first time.</summary>
    public int Epoch { get; init; }

    /// <summary>First fresh lesson of the epoch's range.</summary>
    public long Low { get; init; }

    /// <summary>End of the epoch's range.</summary>
    public long High { get; init; }

    /// <summary>Lessons of the range that have had their turn, this one included.</summary>
    public long Position { get; init; }
}

/// <summary>How many requests ended how.</summary>
public sealed record StoreCounts
{
    /// <summary>Accepted traces by stage.</summary>
    public ImmutableSortedDictionary<string, long> AcceptedByStage { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Rejected traces by the screen that rejected them.</summary>
    public ImmutableSortedDictionary<string, long> RejectedByScreen { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Requests that can never be answered.</summary>
    public long Failed { get; init; }

    /// <summary>Of all requests that have ended, those for a further answer to a question that was asked several times.</summary>
    public long Further { get; init; }

    /// <summary>Questions that no teacher was asked, since the student knew them.</summary>
    public long Skipped { get; init; }

    /// <summary>Accepted traces.</summary>
    public long Accepted => AcceptedByStage.Values.Sum();

    /// <summary>Rejected traces.</summary>
    public long Rejected => RejectedByScreen.Values.Sum();

    /// <summary>These counts without one that this screen rejected.</summary>
    /// <param name="screen">The screen.</param>
    /// <param name="sample">Which answer to its question it was.</param>
    internal StoreCounts WithoutRejection(string screen, int sample) => this with
    {
        Further = Further - (sample > 0 ? 1 : 0),
        RejectedByScreen = RejectedByScreen.GetValueOrDefault(screen) is > 1 and var count
            ? RejectedByScreen.SetItem(screen, count - 1)
            : RejectedByScreen.Remove(screen),
    };

    /// <summary>Requests that have ended, one way or another.</summary>
    public long Settled => Accepted + Rejected + Failed;

    /// <summary>Questions that have ended, however many answers each was asked for, those that the student knew among them.</summary>
    public long Questions => Settled - Further + Skipped;

    /// <summary>These counts and one more verdict.</summary>
    internal StoreCounts Plus(Verdict verdict)
    {
        var further = Further + (verdict.Sample > 0 ? 1 : 0);
        return verdict.Outcome switch
        {
            TraceOutcome.Accepted => this with
            {
                AcceptedByStage = AcceptedByStage.SetItem(verdict.Stage, AcceptedByStage.GetValueOrDefault(verdict.Stage) + 1),
                Further = further,
            },
            TraceOutcome.Rejected => this with
            {
                RejectedByScreen = RejectedByScreen.SetItem(verdict.Screen!, RejectedByScreen.GetValueOrDefault(verdict.Screen!) + 1),
                Further = further,
            },
            _ => this with { Failed = Failed + 1, Further = further },
        };
    }
}
