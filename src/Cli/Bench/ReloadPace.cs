using Orca.Cli.Configuration;

namespace Orca.Cli.Bench;

/// <summary>How often a checkpoint is published during a run: by time, or by the requests that have ended.</summary>
/// <param name="Every">Time between two; null where requests count.</param>
/// <param name="Requests">Requests between two.</param>
internal readonly record struct ReloadPace(TimeSpan? Every, int Requests)
{
    /// <summary>Reads seconds (<c>5</c>, <c>0.5</c>) or requests (<c>20r</c>); null where it is neither.</summary>
    public static ReloadPace? Parse(string text)
    {
        if (text.EndsWith('r'))
        {
            return NumberText.Read<int>(text[..^1]) is { } requests and >= 1 ? new ReloadPace(null, requests) : null;
        }

        return NumberText.Read<double>(text) is { } seconds and >= 0.01 and <= 86_400
            ? new ReloadPace(TimeSpan.FromSeconds(seconds), 0)
            : null;
    }
}
