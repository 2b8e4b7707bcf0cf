using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Streams.Screening;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula;

/// <summary>Limits of screens that commands have set, as they are journaled.</summary>
public static class ScreenTuning
{
    internal const string Kind = "screens";

    // A screen that is switched off has a limit without end.
    internal static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>
    /// The limits that are in force by the journal of a store, as the end of their last change left them: so that answers that were
    /// judged by them are not judged otherwise after a restart.
    /// </summary>
    public static ScreenPlan Of(TraceStore store)
    {
        var plan = ScreenPlan.Default;
        foreach (var command in store.CommandsAfter(0).Where(command => command.Kind == Kind))
        {
            plan = new ScreenPlan(command.Revision, plan.Limits.SetItems(Read(command.Payload)));
        }

        return plan;
    }

    internal static string Write(IReadOnlyDictionary<string, double> limits) => JsonSerializer.Serialize(limits, Json);

    internal static ImmutableSortedDictionary<string, double> Read(string payload) =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(payload, Json)!.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
