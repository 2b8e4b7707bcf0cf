using System.Globalization;
using System.Text;
using Orca.Cli.Display;
using Orca.Streams.Storage;

namespace Orca.Cli.Traces;

/// <summary>Calls and what they cost as a terminal shows them.</summary>
internal static class SpendingText
{
    /// <summary>What the run, its stages and its endpoints have spent and reserved, and the calls whose price is not known.</summary>
    public static string Table(IReadOnlyCollection<Spending> spending, IReadOnlyCollection<StoredAttempt> unknown)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"of",-32}  {"spent",14}  {"reserved",14}");
        foreach (var one in spending)
        {
            var of = one.Name.Length == 0 ? "the run" : $"{one.Scope.ToString().ToLowerInvariant()} {one.Name}";
            text.AppendLine(CultureInfo.InvariantCulture, $"{of,-32}  {one.Spent,14:0.00####}  {one.Reserved,14:0.00####}");
        }

        if (unknown.Count > 0)
        {
            text.AppendLine().AppendLine(
                "Calls that may be charged for though no reply came, or that are under way; the most they can cost stays reserved, until "
                    + "'orca traces settle NUMBER' says what they did cost:");
            foreach (var attempt in unknown)
            {
                text.AppendLine(Line(attempt));
            }
        }

        return TerminalText.Harmless(text.ToString());
    }

    /// <summary>A call in one line.</summary>
    public static string Line(StoredAttempt attempt)
    {
        var outcome = attempt.Outcome?.ToString().ToLowerInvariant() ?? "no end known";
        var price = attempt.Cost is { } cost
            ? string.Create(CultureInfo.InvariantCulture, $"{cost:0.############} USD")
            : string.Create(CultureInfo.InvariantCulture, $"at most {attempt.Reserved:0.############} USD");
        var why = attempt.Message.Length > 0 ? $": {attempt.Message}" : "";
        var request = attempt.RequestId?[..Math.Min(TraceText.ShownOfId, attempt.RequestId.Length)] ?? "-";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"  #{attempt.Key}  {attempt.BeganAt:O}  {request,-TraceText.ShownOfId}  {attempt.Endpoint}, call {attempt.Number}, "
                + $"{outcome}, {price}{why}");
    }
}
