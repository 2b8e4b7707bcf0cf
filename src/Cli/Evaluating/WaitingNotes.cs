using System.Globalization;
using Orca.Cli.Display;

namespace Orca.Cli.Evaluating;

/// <summary>
/// Tells why nobody answers for now, and when they are asked again: at once where the reason is another one than before, now and then
/// where it stays. Any thread.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="clock">The clock.</param>
internal sealed class WaitingNotes(TextWriter output, TimeProvider clock)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private string? _last;
    private long _toldAt;

    /// <summary>Notes on standard error.</summary>
    public static WaitingNotes OnStandardError() => new(Console.Error, TimeProvider.System);

    /// <param name="who">Who does not answer.</param>
    /// <param name="why">Why, a sentence, its full stop or none.</param>
    /// <param name="pause">After which it is asked again.</param>
    public void Tell(string who, string why, TimeSpan pause)
    {
        var reason = $"{who}: {why.TrimEnd('.')}";
        lock (_gate)
        {
            if (reason == _last && clock.GetElapsedTime(_toldAt) < Between)
            {
                return;
            }

            (_last, _toldAt) = (reason, clock.GetTimestamp());
            output.WriteLine(TerminalText.Harmless(
                string.Create(CultureInfo.InvariantCulture, $"{reason}; asked again in {Math.Max(0.1, pause.TotalSeconds):0.#} s")));
        }
    }
}
