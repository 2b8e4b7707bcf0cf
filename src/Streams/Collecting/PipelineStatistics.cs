using System.Collections.Immutable;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>What collecting has done in this run.</summary>
/// <remarks>
/// Where a question is asked for one answer, every query drawn is in exactly one place: Queries = Skipped + Known + Kept + Rejected +
/// Failed + InFlight. Of several answers each counts as kept, rejected or failed.
/// </remarks>
public sealed record PipelineStatistics
{
    /// <summary>Queries drawn from the sources.</summary>
    public long Queries { get; init; }

    /// <summary>Queries left out because their answer was stored before, or is on its way.</summary>
    public long Skipped { get; init; }

    /// <summary>Questions that are not asked, by the sieve that left them out; no queries.</summary>
    public ImmutableSortedDictionary<string, long> LeftOutBySieve { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Questions that the student answered before a teacher was to be asked.</summary>
    public long StudentAsked { get; init; }

    /// <summary>Those of them whose first answer was right.</summary>
    public long StudentRight { get; init; }

    /// <summary>Questions that the student did not answer, so that the teacher was asked.</summary>
    public long StudentFailures { get; init; }

    /// <summary>Queries that ended without a teacher, since the student knew them.</summary>
    public long Known { get; init; }

    /// <summary>Questions that the student answered and that a teacher was asked whatever it said.</summary>
    public long AskedAnyway { get; init; }

    /// <summary>Those of them whose first answer was right: how often the student is right, without any choice.</summary>
    public long AskedAnywayRight { get; init; }

    /// <summary>Times a teacher was asked.</summary>
    public long Asked { get; init; }

    /// <summary>Traces that passed every screen.</summary>
    public long Kept { get; init; }

    /// <summary>Rejected traces by screen.</summary>
    public ImmutableSortedDictionary<string, long> RejectedByScreen { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Traces that did not pass.</summary>
    public long Rejected => RejectedByScreen.Values.Sum();

    /// <summary>Answers that a judge was asked about.</summary>
    public long Judged { get; init; }

    /// <summary>Requests that can never be answered.</summary>
    public long Failed { get; init; }

    /// <summary>Requests that were not answered and are asked again in the next run.</summary>
    public long Postponed { get; init; }

    /// <summary>Queries drawn whose end is still open.</summary>
    public long InFlight { get; init; }

    /// <summary>Calls that failed and whose request is asked again, in this run or the next.</summary>
    public long TeacherFailures { get; init; }

    /// <summary>Records of the sources that could not be read.</summary>
    public long SourceFaults { get; init; }

    /// <summary>Tokens of the answers as their teachers counted them.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>Tokens of the prompts as their teachers counted them.</summary>
    public long PromptTokens { get; init; }

    /// <summary>US dollars paid.</summary>
    public decimal Cost { get; init; }

    /// <summary>These statistics and one more event.</summary>
    internal PipelineStatistics After(PipelineEvent told) => told switch
    {
        QueryDrawn => this with { Queries = Queries + 1, InFlight = InFlight + 1 },
        QuestionLeftOut left => this with
        {
            LeftOutBySieve = LeftOutBySieve.SetItem(left.Sieve, LeftOutBySieve.GetValueOrDefault(left.Sieve) + 1),
        },
        QuerySkipped => this with { Skipped = Skipped + 1, InFlight = InFlight - 1 },
        QueryLeftOpen => this with { Queries = Queries - 1, InFlight = InFlight - 1 },
        StudentAsked asked => Told(asked.Outcome),
        StudentFailed => this with { StudentFailures = StudentFailures + 1 },
        StudentKnew => this with { Known = Known + 1, InFlight = InFlight - 1 },
        TeacherAsked => this with { Asked = Asked + 1 },
        TraceKept kept => Paid(kept.Trace) with { Kept = Kept + 1, InFlight = InFlight - EndedBy(kept.Trace.Request) },
        TraceRejected rejected => Paid(rejected.Trace) with
        {
            RejectedByScreen = RejectedByScreen.SetItem(rejected.Screen, RejectedByScreen.GetValueOrDefault(rejected.Screen) + 1),
            InFlight = InFlight - EndedBy(rejected.Trace.Request),
        },
        AnswerJudged judged => Paid(judged.Reply) with { Judged = Judged + 1 },
        RequestFailed failed => this with { Failed = Failed + 1, InFlight = InFlight - EndedBy(failed.Request) },
        RequestPostponed => this with { TeacherFailures = TeacherFailures + 1, Postponed = Postponed + 1 },
        TeacherFailed => this with { TeacherFailures = TeacherFailures + 1 },
        SourceFaulted => this with { SourceFaults = SourceFaults + 1 },
        _ => this,
    };

    // Of several answers to a query the first is told last.
    private static int EndedBy(TeacherRequest request) => request.Sample == 0 ? 1 : 0;

    private PipelineStatistics Told(StudentOutcome outcome) => this with
    {
        StudentAsked = StudentAsked + 1,
        StudentRight = StudentRight + (outcome.IsRight ? 1 : 0),
        AskedAnyway = AskedAnyway + (outcome.IsAskedAnyway ? 1 : 0),
        AskedAnywayRight = AskedAnywayRight + (outcome is { IsAskedAnyway: true, IsRight: true } ? 1 : 0),
    };

    private PipelineStatistics Paid(Trace trace) => this with
    {
        PromptTokens = PromptTokens + trace.PromptTokens,
        CompletionTokens = CompletionTokens + trace.CompletionTokens,
        Cost = Cost + trace.Cost,
    };
}
