using Orca.Cli.Display;
using Orca.Streams.Answers;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Tasks;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>Tells what went wrong outside, a sentence each, and counts it; floods are only counted.</summary>
/// <param name="say">Prints a line.</param>
/// <param name="count">Counts one.</param>
/// <param name="tell">Hears of each fault that is printed; null for nobody.</param>
internal sealed class FaultReport(Action<string> say, Action count, Action<string>? tell = null) : IProgress<SourceFault>
{
    private const int LinesOfAKind = 20;

    private int _records;
    private int _failures;
    private int _delays;
    private int _scores;
    private int _verdicts;
    private int _students;
    private string? _student;
    private PracticeReport? _practice;

    /// <summary>A record that could not be read.</summary>
    public void Report(SourceFault value)
    {
        count();
        Limited(ref _records, $"{value.File}, line {value.Line}: {value.Message}");
    }

    /// <summary>What happens while collecting.</summary>
    public void Hear(PipelineEvent happened)
    {
        switch (happened)
        {
            case SourceFaulted faulted:
                Report(faulted.Fault);
                break;
            case TeacherFailed failed:
                count();
                Limited(ref _failures, $"{failed.Message} Asking again in {Durations.Text(failed.AskAgainAfter)}.");
                break;
            case AskingDelayed delayed:
                count();
                Limited(ref _delays, $"{delayed.Message} Going on in {Durations.Text(delayed.Pause)}.");
                break;
            case TeacherStopped stopped:
                Warn($"'{stopped.Endpoint}' is not asked any more: {stopped.Message}");
                break;
            case BudgetUsedUp spent:
                Say(spent.Message);
                break;
            case RequestPostponed postponed:
                count();
                Limited(ref _failures, postponed.Message);
                break;
            case RequestFailed request:
                count();
                Limited(ref _failures, request.Message);
                break;
            case ScoringFailed failed:
                count();
                Limited(ref _scores, $"An answer has no score '{failed.Scorer}': {failed.Message}");
                break;
            case AnswerJudged { Verdict: AnswerVerdict.Undecided } judged:
                count();
                Limited(
                    ref _verdicts,
                    $"The judge '{judged.Reply.Teacher}' told no verdict on an answer, which stays undecided; let it say more (maxTokens), "
                        + "or choose a model that ends with 'Verdict: right' or 'Verdict: wrong' when it is asked to.");
                break;
            case StudentFailed failed when Interlocked.Exchange(ref _student, failed.Message) != failed.Message:
                Limited(ref _students, $"the student is not asked first for now, the teacher is: {failed.Message}");
                break;
            case StudentAsked:
                _student = null;
                break;
            case StageOpened opened:
                say($"stage {opened.Stage}: asking {opened.Teacher}");
                break;
        }
    }

    /// <summary>A step was made: what its own answers say of a student that practises.</summary>
    public void Hear(TrainingStep step) => (_practice ??= new PracticeReport(Warn)).Hear(step);

    /// <summary>What became of a checkpoint.</summary>
    public void Hear(Publication publication)
    {
        if (publication.Fault is { } fault)
        {
            Warn(fault);
        }
    }

    /// <summary>What became of an order to go back to a checkpoint.</summary>
    public void Hear(Rollback rollback)
    {
        if (rollback.Fault is { } fault)
        {
            Warn(fault);
        }
        else
        {
            say($"the student is what it was in {rollback.Checkpoint} again, from step {rollback.Step} on");
        }
    }

    private void Warn(string sentence)
    {
        count();
        Say(sentence);
    }

    private void Say(string fault)
    {
        say(fault);
        tell?.Invoke(fault);
    }

    private void Limited(ref int told, string sentence)
    {
        if (Interlocked.Increment(ref told) is var number && number <= LinesOfAKind)
        {
            Say(sentence + (number == LinesOfAKind ? " (further ones are only counted)" : ""));
        }
    }
}
