using System.Globalization;
using Orca.Cli.Display;
using Orca.Evaluation.Runs;

namespace Orca.Cli.Evaluating;

/// <summary>Shows how far an evaluation is: answers, right ones, those without an answer, and the time left.</summary>
/// <param name="line">Where it is shown.</param>
internal sealed class EvalDisplay(ProgressLine line) : IProgress<RunProgress>, IDisposable
{
    private bool _isBegun;

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        if (!_isBegun)
        {
            _isBegun = true;
            line.Begin(value.Done);
        }

        line.Tell(Text(value));
    }

    /// <inheritdoc/>
    public void Dispose() => line.Clear();

    private static string Text(RunProgress value) => string.Create(
        CultureInfo.InvariantCulture,
        $"{value.Done} of {value.Total} answers, {100.0 * value.Right / value.Done:F1} % right, {100.0 * value.Unparsed / value.Done:F1} % "
            + $"without an answer{(value.Left is { } left ? $", {Durations.Text(left)} left" : "")}");
}
