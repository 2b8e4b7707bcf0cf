using System.Globalization;
using Orca.Cli.Display;

namespace Orca.Cli.Evaluating;

/// <summary>
/// Tells why nobody answers for now, and when they are asked again: now and then where the reason stays, sooner where it is another one
/// than before. Any thread.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="lead">Written before each, such as what takes a line of progress away.</param>
/// <param name="clock">The clock.</param>
internal sealed class WaitingNotes(TextWriter output, string lead, TimeProvider clock)
{
    // Reasons that count something are never the same twice.
    private static readonly TimeSpan BetweenOthers = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenTheSame = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private string? _last;
    private long _toldAt;

    /// <summary>Notes on standard error.</summary>
    public static WaitingNotes OnStandardError() =>
        new(Console.Error, ProgressLine.IsOnTerminal ? ProgressLine.TakeAway : "", TimeProvider.System);

    /// <param name="who">Who does not answer.</param>
    /// <param name="why">Why, a sentence, its full stop or none.</param>
    /// <param name="pause">After which it is asked again.</param>
    public void Tell(string who, string why, TimeSpan pause)
    {
        var reason = $"{who}: {why.TrimEnd('.')}";
        lock (_gate)
        {
            if (_last is not null && clock.GetElapsedTime(_toldAt) < (reason == _last ? BetweenTheSame : BetweenOthers))
            {
                return;
            }

            (_last, _toldAt) = (reason, clock.GetTimestamp());
            output.WriteLine(lead + TerminalText.OneLine(
                string.Create(CultureInfo.InvariantCulture, $"{reason}; asked again in {Math.Max(0.1, pause.TotalSeconds):0.#} s")));
        }
    }
}
