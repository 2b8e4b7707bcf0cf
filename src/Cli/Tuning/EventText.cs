using System.Globalization;
using Orca.Cli.Display;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Tuning;

/// <summary>Writes events of a run as one plain line each.</summary>
internal static class EventText
{
    /// <summary>An event with its time; null for a heartbeat.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="zone">Where its time is told.</param>
    public static string? Line(WatchResponse happened, TimeZoneInfo zone) =>
        Text(happened) is { } text ? $"{Clock(happened, zone)}  {TerminalText.Harmless(text)}" : null;

    /// <summary>When it happened.</summary>
    public static string Clock(WatchResponse happened, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(
        happened.Time.ToDateTimeOffset(), zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A command and from where on it acts.</summary>
    public static string Command(CommandApplied command) => $"{Body(command)}, {CurriculumText.Receipt(command.Receipt)}";

    /// <summary>Steps, their loss and their pace.</summary>
    public static string Steps(StepSummary steps) => string.Join("  ", new[]
    {
        steps.FirstStep == steps.LastStep
            ? $"step {CurriculumText.Number(steps.LastStep)}"
            : $"steps {CurriculumText.Number(steps.FirstStep)} to {CurriculumText.Number(steps.LastStep)}",
        steps.HasLoss ? Text($"loss {steps.Loss:F3}") : "",
        Text($"{steps.TokensPerSecond:N0} tokens/s"),
        steps.HasShareOfLimit ? $"{SnapshotLine.Percent(steps.ShareOfLimit)} of the best product" : "",
        steps.HasGradientNorm ? Text($"gradient {steps.GradientNorm:G3}") : "",
        Text($"learning rate {steps.LearningRate:E1}"),
        steps.Skipped > 0 ? $"{steps.Skipped} skipped" : "",
    }.Where(part => part.Length > 0));

    private static string? Text(WatchResponse happened) => happened.EventCase switch
    {
        WatchResponse.EventOneofCase.Status => CurriculumText.Line(happened.Status),
        WatchResponse.EventOneofCase.Steps => Steps(happened.Steps),
        WatchResponse.EventOneofCase.Version => Version(happened.Version),
        WatchResponse.EventOneofCase.Command => $"command {Command(happened.Command)}",
        WatchResponse.EventOneofCase.Fault => $"fault: {happened.Fault.Text}",
        WatchResponse.EventOneofCase.Gap => Gap(happened.Gap),
        _ => null,
    };

    // The command's JSON says its kind first, and once is enough.
    private static string Body(CommandApplied command)
    {
        var kind = $"{{\"command\":\"{command.Kind}\"";
        return command.Json == kind + "}" ? command.Kind
            : command.Json.StartsWith(kind + ",", StringComparison.Ordinal) ? $"{command.Kind} {{{command.Json[(kind.Length + 1)..]}"
            : $"{command.Kind} {command.Json}";
    }

    private static string Version(VersionChange version) => $"{version.Checkpoint} " + version.Kind switch
    {
        VersionChange.Types.Kind.Published => "is published",
        VersionChange.Types.Kind.Loaded => "is loaded",
        VersionChange.Types.Kind.Active => $"answers as version {version.Version}",
        _ => $"is rejected: {version.Reason}",
    };

    private static string Gap(Gap gap) => gap.EarlierStart
        ? "the server has started since: what happened before is not known"
        : $"{CurriculumText.Number(gap.Missed)} events before this are not remembered any more";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
