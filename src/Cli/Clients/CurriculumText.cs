using System.Globalization;
using System.Text;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Clients;

/// <summary>Writes a curriculum's status for people.</summary>
internal static class CurriculumText
{
    /// <summary>One fact a line.</summary>
    public static string Table(Status status)
    {
        var text = new StringBuilder();
        void Row(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name,-12}{value}\n");
        Row("stage", status.Stage + (status.Paused ? " (paused)" : ""));
        Row("mixture", Mixture(status));
        if (status.ScreenLimits.Count > 0)
        {
            Row("screens", string.Join(", ", status.ScreenLimits.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(
                pair => double.IsPositiveInfinity(pair.Value)
                    ? $"{pair.Key}=off"
                    : string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value:0.###}"))));
        }

        if (status.HasGateQuestions || status.HasGateLevel)
        {
            Row("gate", string.Join(", ", new[]
            {
                status.HasGateQuestions ? $"{status.GateQuestions} questions" : null,
                status.HasGateLevel ? string.Create(CultureInfo.InvariantCulture, $"level {status.GateLevel}") : null,
            }.Where(part => part is not null)));
        }

        Row("accepted", Number(status.TracesAccepted));
        Row("rejected", Number(status.TracesRejected) + Reasons(status));
        Row("queue", $"{Number(status.LessonsQueued)} of {Number(status.LessonsCapacity)} lessons");
        Row("delivered", $"{Number(status.LessonsDelivered)} lessons");
        Row("revision", Number(status.Revision));
        return text.ToString();
    }

    /// <summary>Everything in one line.</summary>
    public static string Line(Status status) =>
        $"stage {status.Stage}{(status.Paused ? " (paused)" : "")}, accepted {status.TracesAccepted}, rejected "
            + $"{status.TracesRejected}{Reasons(status)}, "
        + $"queue {status.LessonsQueued}/{status.LessonsCapacity}, delivered {status.LessonsDelivered}, mixture {Mixture(status)}, "
            + $"revision {status.Revision}";

    private static string Mixture(Status status) =>
        string.Join(",", status.Mixture.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value:0.###}")));

    private static string Reasons(Status status) => status.RejectedByScreen.Count == 0
        ? ""
        : $" ({string.Join(", ", status.RejectedByScreen.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key} {pair.Value}"))})";

    private static string Number(ulong count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
