using System.Collections.Frozen;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>
/// Formats of strings that answers are held to: <c>date-time</c>, <c>date</c>, <c>time</c>, <c>duration</c> (RFC 3339, with
/// days that there are but no 29th of February, and no leap second), <c>uuid</c>, <c>email</c> (of letters, digits and the usual
/// signs) and <c>ipv4</c>. What is let through has the format; not all that has it is let through. JSON Schema calls every other
/// format a remark, and so it is taken here.
/// </summary>
internal static class StringFormats
{
    private const string Date = @"\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))";
    private const string Time = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)";

    private static readonly FrozenDictionary<string, string> Patterns = new Dictionary<string, string>
    {
        ["date"] = $"^{Date}$",
        ["time"] = $"^{Time}$",
        ["date-time"] = $"^{Date}T{Time}$",
        ["duration"] = @"^P(?:\d{1,6}W|\d{1,6}D(?:T\d{1,6}[HMS])?|T\d{1,6}(?:H(?:\d{1,6}M(?:\d{1,6}S)?)?|M(?:\d{1,6}S)?|S))$",
        ["uuid"] = "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        ["email"] = @"^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?\.)+[A-Za-z]{2,20}$",
        ["ipv4"] = @"^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$",
    }.ToFrozenDictionary();

    /// <summary>The pattern of a format; null where the format is a remark.</summary>
    public static string? PatternOf(string format) => Patterns.GetValueOrDefault(format);
}
