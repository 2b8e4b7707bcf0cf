using System.Globalization;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Cli.Daemon;

/// <summary>What asking the student first has come to, and what was paid for what it learned.</summary>
internal static class StudentReport
{
    /// <summary>How the student did on what it was asked first, in one line; null where it was asked nothing.</summary>
    public static string? Line(string store)
    {
        using var traces = StoredTraces.Open(store);
        var figures = traces.Students();
        return figures.Asked == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"asked first, the student was right in {Percent(figures.Right, figures.Asked)} of {figures.Asked} questions; "
                + $"{figures.Skipped} were not put to a teacher")
            + (figures.Anyway == 0 ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $"; of {figures.Anyway} asked anyway it was right in {Percent(figures.AnywayRight, figures.Anyway)}"));
    }

    /// <summary>Tokens that teachers were paid for, and how many came to a point of accuracy; null where none were counted.</summary>
    /// <param name="store">The store, of all starts of the run.</param>
    /// <param name="before">Share of held-out questions that the untrained student answered rightly.</param>
    /// <param name="after">That of the student as it is.</param>
    public static string? Price(string store, double before, double after)
    {
        using var traces = StoredTraces.Open(store);
        var tokens = new[] { new TraceFilter(), new TraceFilter { Stage = TeacherRequest.JudgeStage } }
            .SelectMany(filter => traces.Count(filter, "stage")).Sum(count => count.PromptTokens + count.CompletionTokens);
        var points = 100 * (after - before);
        return tokens == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens were bought from teachers")
            + (points > 0 ? string.Create(CultureInfo.InvariantCulture, $", {tokens / points:0} for each point of accuracy") : "");
    }

    private static string Percent(long part, long whole) =>
        (100.0 * part / whole).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
