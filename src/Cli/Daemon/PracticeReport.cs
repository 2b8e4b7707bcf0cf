using System.Globalization;
using Orca.Training;
using Orca.Training.Practice;

namespace Orca.Cli.Daemon;

/// <summary>
/// Tells when a student that practises goes astray: its answers do not end, repeat themselves, or grow to twice their length. Each once,
/// and again after it has been better.
/// </summary>
/// <param name="tell">Hears a sentence.</param>
internal sealed class PracticeReport(Action<string> tell)
{
    // Answers that a mean is of, and of the first ones that lengths are compared with.
    private const int Window = 200;

    private const double Much = 0.3;
    private const double LittleAgain = 0.15;
    private const double Longer = 2;
    private const double AsBeforeAgain = 1.5;

    private readonly Queue<PracticeAlarms> _steps = new();
    private readonly HashSet<string> _told = [];
    private double? _firstTokens;

    /// <summary>A step was made.</summary>
    public void Hear(TrainingStep step)
    {
        if (step.Practice is not { } alarms)
        {
            return;
        }

        _steps.Enqueue(alarms);
        while (_steps.Sum(past => past.Answers) - _steps.Peek().Answers >= Window)
        {
            _steps.Dequeue();
        }

        if (_steps.Sum(past => past.Answers) < Window)
        {
            return;
        }

        var tokens = Mean(past => past.MeanTokens);
        _firstTokens ??= tokens;
        Look("do not end", Mean(past => past.EndlessShare));
        Look("repeat themselves", Mean(past => past.RepeatingShare));
        Look(tokens);
    }

    private void Look(string what, double share)
    {
        if (share <= LittleAgain)
        {
            _told.Remove(what);
        }
        else if (share >= Much && _told.Add(what))
        {
            Tell(Text($"{share:P0} of the student's last answers {what}"));
        }
    }

    private void Look(double tokens)
    {
        var growth = tokens / Math.Max(1, _firstTokens!.Value);
        if (growth <= AsBeforeAgain)
        {
            _told.Remove(nameof(Longer));
        }
        else if (growth >= Longer && _told.Add(nameof(Longer)))
        {
            Tell(Text($"the student's answers have {tokens:F0} tokens now, {growth:F1} times as many as at first"));
        }
    }

    private double Mean(Func<PracticeAlarms, double> of) =>
        _steps.Sum(past => of(past) * past.Answers) / _steps.Sum(past => past.Answers);

    private void Tell(string what) => tell(
        $"Practice: {what}; lower the rate (orca tune rate), or go back to a checkpoint of before (orca tune rollback).");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
