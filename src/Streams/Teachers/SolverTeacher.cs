using System.Globalization;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Teachers;

/// <summary>How the built-in solver answers.</summary>
public enum SolverStrength
{
    /// <summary>The answer alone: stands for a cheap teacher.</summary>
    Assistant,

    /// <summary>Step by step, then the answer: stands for a strong teacher.</summary>
    Expert,
}

/// <summary>
/// A teacher that needs no endpoint: it reads the solution that came with a generated question. What it answers
/// depends on the request alone. It cannot solve a question that came without an answer.
/// </summary>
/// <param name="strength">Terse or explaining.</param>
/// <param name="errorRate">
/// Share of its answers that are wrong, 0 to 1; an explanation's steps stay right, and its conclusion is not.
/// </param>
public sealed class SolverTeacher(SolverStrength strength, double errorRate = 0) : ITeacher
{
    private readonly double errorRate = errorRate is >= 0 and <= 1
        ? errorRate
        : throw new ArgumentOutOfRangeException(nameof(errorRate), errorRate, "A share lies between 0 and 1");

    /// <inheritdoc/>
    public string Name => strength == SolverStrength.Expert ? "solver-expert" : "solver-assistant";

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    /// <inheritdoc/>
    public Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Query.GoldAnswers.IsEmpty)
        {
            throw new TeacherException(
                $"Teacher '{Name}' cannot answer task '{request.Query.Task}': its questions come without answers; use an endpoint or a "
                    + "recording");
        }

        var (query, answer) = (request.Query, Answer(request));
        return Task.FromResult(new Trace
        {
            Request = request,
            Response = strength == SolverStrength.Expert ? Explain(query, answer) : Closing(query, answer),
            Finish = TeacherFinish.Stop,
            Teacher = Name,
        });
    }

    private static string Explain(TaskQuery query, string answer)
    {
        var (right, closing) = (Closing(query, query.GoldAnswers[0]), Closing(query, answer));
        return query.Explanation is not { Length: > 0 } explanation ? closing
            : explanation.EndsWith(right, StringComparison.Ordinal) ? explanation[..^right.Length] + closing
            : $"{explanation} {closing}";
    }

    private string Answer(TeacherRequest request)
    {
        var seed = long.Parse(request.Id.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var random = new CounterRandom(seed, 0);
        var gold = request.Query.GoldAnswers[0];
        var errs = random.NextDouble() < errorRate;
        return errs ? WrongAnswer.To(request.Query.Prompt, gold, random) : gold;
    }

    private static string Closing(TaskQuery query, string answer) =>
        query.AnswerKind == AnswerKind.FreeText ? answer : ReasoningInstance.FinalLine(answer);
}
