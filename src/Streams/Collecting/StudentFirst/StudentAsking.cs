using System.Collections.Immutable;
using Orca.Streams.Answers;
using Orca.Streams.Bus;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting.StudentFirst;

/// <summary>
/// Asks the student what a teacher is about to be asked. What comes of it is written before anything follows from it, so that nothing is
/// asked twice; where the student says nothing the teacher is asked.
/// </summary>
internal sealed class StudentAsking
{
    // As many as tell how good it is at each task by now.
    private const int Remembered = 20_000;

    // Not those that other shares are drawn by.
    private const long AskedAnyway = 0x616E79776179;

    private readonly StudentOptions options;
    private readonly TraceStore store;
    private readonly TraceBus bus;
    private readonly CollectionEvents events;
    private readonly Lock gate = new();
    private StudentAnswers answers;
    private (long Since, string Why)? failed;

    public StudentAsking(StudentOptions options, TraceStore store, TraceBus bus, CollectionEvents events)
    {
        (this.options, this.store, this.bus, this.events) = (options, store, bus, events);
        answers = store.LastStudentOutcomes(Remembered).Aggregate(StudentAnswers.None, (all, outcome) => all.With(NewsOf(outcome)));
    }

    /// <summary>How often the student is right by now.</summary>
    public StudentAnswers Answers
    {
        get
        {
            lock (gate)
            {
                return answers;
            }
        }
    }

    /// <summary>
    /// The query with what the student makes of it; without that where it was not asked: since there is no right answer to compare with,
    /// since the teacher was asked before, or since the student says nothing.
    /// </summary>
    public async Task<DrawnQuery> AskAsync(DrawnQuery query, CancellationToken cancellationToken)
    {
        var request = query.Request;
        if (store.StudentOutcomeOf(request.Id) is { } known)
        {
            return With(query, known);
        }

        if (request.Query.GoldAnswers.IsEmpty || query.Answers.Any(answer => answer.Stored is not null))
        {
            return query;
        }

        try
        {
            if (await OutcomeAsync(request, cancellationToken) is not { } outcome)
            {
                return query;
            }

            await store.KeepAsync(outcome);
            events.Tell(new StudentAsked(request, outcome));
            return With(query, outcome);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return query with { IsLeftOpen = true };
        }
    }

    private DrawnQuery With(DrawnQuery query, StudentOutcome outcome)
    {
        var asked = query with { Student = outcome };
        return outcome.Mistake is not { } mistake || !options.ExplainMistakesIn.Contains(outcome.Stage) ? asked : asked with
        {
            Answers = ImmutableArray.CreateRange(
                query.Answers, answer => answer with { Request = answer.Request with { Mistake = mistake } }),
        };
    }

    // Null where it says nothing.
    private async Task<StudentOutcome?> OutcomeAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        if (Resting() is { } why)
        {
            events.Tell(new StudentFailed(request, why));
            return null;
        }

        try
        {
            using var patience = new CancellationTokenSource(options.Patience, options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            return await AnswersAsync(request, either.Token);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && failure is not OutOfMemoryException)
        {
            var message = failure is OperationCanceledException
                ? $"it did not answer within {options.Patience.TotalSeconds:0.#} s"
                : failure.Message;
            lock (gate)
            {
                failed = (options.Time.GetTimestamp(), message);
            }

            events.Tell(new StudentFailed(request, message));
            return null;
        }
    }

    private string? Resting()
    {
        lock (gate)
        {
            return failed is var (since, why) && options.Time.GetElapsedTime(since) < options.Rest ? why : null;
        }
    }

    private async Task<StudentOutcome?> AnswersAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var (right, given, isRight, mistake, version) = (0, 0, false, (string?)null, "");
        while (!options.Margin.IsDecided(right, given))
        {
            // Whoever does not heed the token is left behind.
            if (await options.Student.AnswerAsync(request, given, cancellationToken).WaitAsync(cancellationToken) is not { } answer)
            {
                return null;
            }

            var verdict = AnswerMatch.Judge(answer.Text, request.Query.Expected);
            right += verdict == AnswerVerdict.Right ? 1 : 0;
            isRight = given == 0 ? verdict == AnswerVerdict.Right : isRight;
            mistake ??= verdict == AnswerVerdict.Wrong ? MistakeQuestion.Shown(answer.Text) : null;
            version = answer.Version;
            given++;
        }

        return Outcome(request, right, given, isRight, mistake, version);
    }

    private StudentOutcome Outcome(TeacherRequest request, int right, int given, bool isRight, string? mistake, string version)
    {
        var query = request.Query;
        var outcome = new StudentOutcome
        {
            RequestId = request.Id,
            Stage = request.Stage,
            Collection = query.Collection,
            Task = query.Task,
            Difficulty = query.Difficulty,
            Chance = query.Chance ?? 0,
            IsRight = isRight,
            Right = right,
            Answers = given,
            Knew = false,
            IsAskedAnyway = IsAskedAnyway(query),
            Version = version,
        };
        var news = NewsOf(outcome);
        bool isAboveChance;
        lock (gate)
        {
            answers = answers.With(news);
            isAboveChance = answers.Of(query.Collection, query.Task).IsAboveChance;
        }

        bus.Send(news);
        var knew = right >= options.Margin.Right && isAboveChance;
        return outcome with
        {
            Knew = knew,
            Mistake = !knew && options.ExplainMistakesIn.Contains(request.Stage) ? mistake : null,
        };
    }

    private bool IsAskedAnyway(TaskQuery query) =>
        SeededRandom.Of(options.Seed, AskedAnyway, (long)QuestionText.KeyOf(query.Id)).NextDouble() < options.AskAnywayShare;

    private static StudentAnswered NewsOf(StudentOutcome outcome) =>
        new(outcome.Collection, outcome.Task, outcome.Difficulty, outcome.IsRight) { Chance = outcome.Chance };
}
