using System.Globalization;
using Orca.Cli.Commands;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>
/// Whether a student makes use of an explanation that it is shown: it finds the explanation likelier with it before it, or as likely where
/// it knows it. One that does not would unlearn by practice what it knows.
/// </summary>
/// <param name="student">The student.</param>
/// <param name="explanations">The latest explanations; without any nothing is wrong.</param>
internal sealed class ReadingCheck(ServedStudent student, Func<IEnumerable<Trace>> explanations)
{
    /// <summary>Explanations that are enough to tell.</summary>
    public const int Explanations = 32;

    // Nats a token by which 32 explanations may differ by chance.
    private const double Margin = 0.02;

    /// <summary>What is wrong with the student, one sentence; null where nothing is.</summary>
    /// <exception cref="CommandException">It does not answer now; the message says why.</exception>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        var losses = await Task.WhenAll(explanations().Select(trace => LossesAsync(trace, cancellationToken)));
        var told = losses.OfType<(double Plain, double Hinted)>().ToList();
        if (told.Count == 0)
        {
            return null;
        }

        var (plain, hinted) = (told.Average(pair => pair.Plain), told.Average(pair => pair.Hinted));
        return hinted < plain + Margin ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The student cannot practise: with the expert's explanation before it, its loss on that is {hinted:0.###} nats a token, and "
                + $"{plain:0.###} without, so it does not read it. Teach it to (curriculum.readingShare, with more expertLessons), or set "
                + $"curriculum.practiceLessons=0.");
    }

    // Null for one that is too long with the explanation.
    private async Task<(double Plain, double Hinted)?> LossesAsync(Trace trace, CancellationToken cancellationToken)
    {
        var (request, question, answer) = (trace.Request, trace.Request.Query.Prompt, trace.Response);
        var plain = await student.LossAsync(request, question, answer, cancellationToken);
        var hinted = await student.LossAsync(request, PracticeHint.PromptOf(question, answer), answer, cancellationToken);
        return plain is { } without && hinted is { } with ? (without, with) : null;
    }
}
