using Orca.Streams.Answers;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Something that happened while collecting, for the display and the metrics.</summary>
public abstract record PipelineEvent;

/// <summary>A stage's tasks are collected from now on.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Teacher">Name of its teacher.</param>
public sealed record StageOpened(string Stage, string Teacher) : PipelineEvent;

/// <summary>A query is drawn from a source.</summary>
public sealed record QueryDrawn(TaskQuery Query) : PipelineEvent;

/// <summary>A question is not asked, since a sieve leaves it out.</summary>
/// <param name="Query">The question.</param>
/// <param name="Sieve">What it is counted under.</param>
/// <param name="Reason">Why, one sentence.</param>
public sealed record QuestionLeftOut(TaskQuery Query, string Sieve, string Reason) : PipelineEvent;

/// <summary>A query that was drawn is left out: its answer was stored before, or is on its way.</summary>
public sealed record QuerySkipped(TeacherRequest Request) : PipelineEvent;

/// <summary>A query's end stays open; the next run draws it again.</summary>
public sealed record QueryLeftOpen(TeacherRequest Request) : PipelineEvent;

/// <summary>The student has answered a question before the teacher is asked.</summary>
/// <param name="Request">What the teacher would be asked.</param>
/// <param name="Outcome">What came of it.</param>
public sealed record StudentAsked(TeacherRequest Request, StudentOutcome Outcome) : PipelineEvent;

/// <summary>The student did not answer, so the teacher is asked.</summary>
/// <param name="Request">What the teacher is asked.</param>
/// <param name="Message">Why, as a part of a sentence.</param>
public sealed record StudentFailed(TeacherRequest Request, string Message) : PipelineEvent;

/// <summary>A query has ended without a teacher, since the student knows it.</summary>
public sealed record StudentKnew(TeacherRequest Request) : PipelineEvent;

/// <summary>A request is put to the teacher.</summary>
public sealed record TeacherAsked(TeacherRequest Request) : PipelineEvent;

/// <summary>A trace passed every screen and is stored.</summary>
public sealed record TraceKept(Trace Trace) : PipelineEvent;

/// <summary>A trace was rejected.</summary>
/// <param name="Trace">The trace.</param>
/// <param name="Screen">The screen that rejected it.</param>
/// <param name="Reason">Why, one sentence.</param>
public sealed record TraceRejected(Trace Trace, string Screen, string Reason) : PipelineEvent;

/// <summary>A judge has said whether an answer is right.</summary>
/// <param name="Trace">The answer.</param>
/// <param name="Reply">What the judge said.</param>
/// <param name="Verdict">What that comes to; undecided where it says neither.</param>
public sealed record AnswerJudged(Trace Trace, Trace Reply, AnswerVerdict Verdict) : PipelineEvent;

/// <summary>A scorer failed on an answer, which has no such score then.</summary>
/// <param name="Scorer">Its name.</param>
/// <param name="Message">What went wrong.</param>
public sealed record ScoringFailed(string Scorer, string Message) : PipelineEvent;

/// <summary>A request can never be answered and is left out.</summary>
public sealed record RequestFailed(TeacherRequest Request, string Message) : PipelineEvent;

/// <summary>A request was refused, nobody knows yet for whose fault; it is asked again in the next run.</summary>
/// <param name="Request">The request.</param>
/// <param name="Message">What the teacher said.</param>
public sealed record RequestPostponed(TeacherRequest Request, string Message) : PipelineEvent;

/// <summary>A call failed; the request is asked again.</summary>
/// <param name="Request">The request.</param>
/// <param name="Message">What is wrong and what helps.</param>
/// <param name="AskAgainAfter">The pause before.</param>
public sealed record TeacherFailed(TeacherRequest Request, string Message, TimeSpan AskAgainAfter) : PipelineEvent;

/// <summary>Asking is put off: an endpoint allows nothing for a while, or a step of a batch failed.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Message">Why, one sentence.</param>
/// <param name="Pause">For how long.</param>
public sealed record AskingDelayed(string Endpoint, string Message, TimeSpan Pause) : PipelineEvent;

/// <summary>An endpoint is not asked any more in this run.</summary>
/// <param name="Endpoint">Its name.</param>
/// <param name="Message">Why, and what helps.</param>
public sealed record TeacherStopped(string Endpoint, string Message) : PipelineEvent;

/// <summary>A budget has no room for another call: nothing more is asked for the stage.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Message">Which budget, and what helps.</param>
public sealed record BudgetUsedUp(string Stage, string Message) : PipelineEvent;

/// <summary>A record of a source could not be read.</summary>
public sealed record SourceFaulted(SourceFault Fault) : PipelineEvent;

/// <summary>No further trace of a stage will come: its tasks are used up, or it has enough.</summary>
public sealed record StageCollected(string Stage) : PipelineEvent;
