using System.Globalization;
using System.Text;
using Google.Protobuf.Collections;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Tuning;

/// <summary>Writes a curriculum's status and receipts for people.</summary>
internal static class CurriculumText
{
    /// <summary>One fact a line.</summary>
    public static string Table(Status status)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Rows(status).Where(row => row.Value.Length > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name,-12}{value}\n");
        }

        return text.ToString();
    }

    /// <summary>The status in one line.</summary>
    public static string Line(Status status) => string.Join(", ", new[]
    {
        $"stage {Stage(status)}",
        $"accepted {status.TracesAccepted}",
        $"rejected {status.TracesRejected}{Reasons(status)}",
        $"queue {status.TracesWaiting}/{status.LessonsCapacity}",
        $"delivered {status.LessonsDelivered}",
        $"mixture {Mixture(status)}",
        $"revision {status.Revision}",
        status.HasSpent ? $"spent {Amount(status.Spent)}" : "",
        status.HasStaleSteps ? $"stale by {Number(status.StaleSteps)} steps" : "",
    }.Where(part => part.Length > 0));

    /// <summary>From where on a command acts.</summary>
    public static string Receipt(Acknowledged receipt)
    {
        var places = new[]
        {
            receipt.HasFirstStep ? $"step {Number(receipt.FirstStep)}" : "",
            receipt.FirstLesson > 0 ? $"lesson {Number(receipt.FirstLesson)}" : "",
            receipt.FirstDraw > 0 ? $"question {Number(receipt.FirstDraw)}" : "",
        }.Where(place => place.Length > 0);
        return $"in effect from {string.Join(", ", places)}; revision {Number(receipt.Revision)}";
    }

    /// <summary>The stage, how far it has come, and what is held up.</summary>
    public static string Stage(Status status) => status.Stage
        + (status.Finished ? " (finished)" : !status.Paused ? "" : status.PausedWork switch
        {
            PausedWork.Training => " (training paused)",
            PausedWork.All => " (collecting and training paused)",
            _ => " (paused)",
        });

    /// <summary>The weights, and what else decides the shares.</summary>
    public static string Mixture(Status status) => Numbers(status.Mixture, ",");

    /// <summary>What decides the shares of collections and tasks.</summary>
    public static string Policy(MixturePolicy? policy) => policy?.Kind switch
    {
        MixturePolicy.Types.Kind.Proportional => "proportional",
        MixturePolicy.Types.Kind.Temperature => $"temperature {Short(policy.Temperature)}",
        MixturePolicy.Types.Kind.Adaptive => $"adaptive, {Short(policy.RandomShare)} of the lessons at random",
        MixturePolicy.Types.Kind.Fixed => "fixed",
        _ => "",
    };

    /// <summary>The lessons that wait.</summary>
    public static string Queue(Status status) => $"{Number(status.TracesWaiting)} of {Number(status.LessonsCapacity)} lessons";

    /// <summary>A count with its thousands apart.</summary>
    public static string Number(ulong count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Rejected traces by their screens, in parentheses; empty where there are none.</summary>
    public static string Reasons(Status status) => status.RejectedByScreen.Count == 0
        ? ""
        : $" ({string.Join(", ", status.RejectedByScreen.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key} {pair.Value}"))})";

    private static IEnumerable<(string Name, string Value)> Rows(Status status)
    {
        yield return ("stage", Stage(status));
        yield return ("lessons", status.HasStageLength
            ? $"{Number(status.StageLessons)} of {Number(status.StageLength)} of this stage"
            : $"{Number(status.StageLessons)} of this stage");
        yield return ("mixture", Mixture(status));
        yield return ("policy", Policy(status.Policy));
        yield return ("gains", Numbers(status.Gains, ", ")
            + (status.HasRegret ? $" (regret {Short(status.Regret)})" : ""));
        yield return ("student right", Numbers(status.StudentAccuracy, ", "));
        yield return ("pacing", Pacing(status.Pacing));
        yield return ("replay", Joined(
            status.HasReplayRatio ? $"{Short(status.ReplayRatio)} for each fresh lesson" : null,
            status.HasMaxReuses ? $"at most {Number(status.MaxReuses)} times" : null));
        yield return ("messages", Numbers(status.MessageWeights, ", "));
        yield return ("screens", Numbers(status.ScreenLimits, ", "));
        yield return ("teachers", Teachers(status));
        yield return ("gate", Joined(
            status.HasGateQuestions ? $"{status.GateQuestions} questions" : null,
            status.HasGateLevel ? $"level {Short(status.GateLevel)}" : null));
        yield return ("rate", status.HasRateScale ? $"{Short(status.RateScale)} of the schedule's" : "");
        yield return ("gain", status.Proof is { } proof
            ? $"{Points(proof.Gain)} between steps {Number(proof.FromStep)} and {Number(proof.ToStep)} "
                + $"({Points(proof.Low)} to {Points(proof.High)})"
            : "");
        yield return ("accepted", Number(status.TracesAccepted));
        yield return ("rejected", Number(status.TracesRejected) + Reasons(status));
        yield return ("queue", Queue(status));
        yield return ("delivered", $"{Number(status.LessonsDelivered)} lessons"
            + (status.LessonsReplayed > 0 ? $", {Number(status.LessonsReplayed)} of them again" : ""));
        yield return ("spent", status.HasSpent ? Amount(status.Spent) : "");
        yield return ("stale", status.HasStaleSteps ? $"{Number(status.StaleSteps)} steps" : "");
        yield return ("lesson hash", status.LessonsDelivered > 0 ? status.LessonsHash.ToString("x16", CultureInfo.InvariantCulture) : "");
        yield return ("revision", Number(status.Revision));
    }

    private static string Pacing(LessonPacing? pacing) => pacing is null ? "" : Joined(
        pacing.HasMaxDifficulty ? $"difficulty up to {pacing.MaxDifficulty}" : null,
        pacing.HasMaxTokens ? $"up to {Number(pacing.MaxTokens)} tokens" : null,
        pacing.HasNextAtLoss ? $"the next difficulty at loss {Short(pacing.NextAtLoss)}" : null,
        pacing.HasNextAtAccuracy ? $"the next difficulty at {Short(pacing.NextAtAccuracy)} right" : null);

    private static string Teachers(Status status) => Joined([
        .. status.Endpoints.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + " " + Joined(
            pair.Value.HasEnabled ? pair.Value.Enabled ? "on" : "off" : null,
            pair.Value.HasRequestsPerMinute ? $"{Number(pair.Value.RequestsPerMinute)} requests a minute" : null,
            pair.Value.HasTokensPerMinute ? $"{Number(pair.Value.TokensPerMinute)} tokens a minute" : null)),
        status.HasBudget ? $"budget {Amount(status.Budget)}" : null,
    ]);

    private static string Joined(params string?[] parts) => string.Join(", ", parts.Where(part => part is not null));

    private static string Numbers(MapField<string, double> numbers, string between) => string.Join(
        between, numbers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(
            pair => $"{pair.Key}={(double.IsPositiveInfinity(pair.Value) ? "off" : Short(pair.Value))}"));

    private static string Short(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Amount(double amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);

    private static string Points(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:+0.0;-0.0} %");
}
