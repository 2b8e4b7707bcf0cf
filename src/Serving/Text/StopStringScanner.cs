using System.Collections.Immutable;

namespace Orca.Serving.Text;

/// <summary>
/// Finds the first stop string in a text that arrives in pieces. Text is let through as soon as it cannot be the
/// beginning of a stop string; what may be one is held back until the next piece decides.
/// </summary>
/// <param name="stops">The stop strings.</param>
/// <param name="includeStop">Lets the one that is found through; what follows it is never let through.</param>
internal sealed class StopStringScanner(ImmutableArray<string> stops, bool includeStop = false)
{
    private string held = "";

    /// <summary>The stop string that was found; null until then.</summary>
    public string? Match { get; private set; }

    /// <summary>Takes the next piece and returns the text that is final; nothing any more after a match.</summary>
    public string Push(string piece)
    {
        if (stops.IsEmpty || piece.Length == 0 || Match is not null)
        {
            return Match is null ? piece : "";
        }

        var text = held + piece;
        var (at, match) = FirstMatch(text);
        Match = match;
        var final = match is null ? text.Length - HoldBack(text) : at;
        held = match is null ? text[final..] : "";
        return includeStop ? text[..(final + (match?.Length ?? 0))] : text[..final];
    }

    /// <summary>At the end of the answer: what was held back and is now final.</summary>
    public string Flush()
    {
        var rest = held;
        held = "";
        return rest;
    }

    /// <summary>
    /// The match that is complete first; of several that end there, the longest. That is the one a reader finds character by
    /// character, so it does not depend on how the text is cut into pieces.
    /// </summary>
    private (int At, string? Match) FirstMatch(string text)
    {
        var first = (At: text.Length, Match: (string?)null);
        var end = int.MaxValue;
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < first.At)))
            {
                (first, end) = ((at, stop), at + stop.Length);
            }
        }

        return first;
    }

    /// <summary>Length of the longest end of the text that a stop string begins with.</summary>
    private int HoldBack(string text)
    {
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
