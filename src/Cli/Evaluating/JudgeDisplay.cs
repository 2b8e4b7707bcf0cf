using System.Globalization;
using Orca.Cli.Display;
using Orca.Evaluation.Runs;

namespace Orca.Cli.Evaluating;

/// <summary>Shows how far judging is: reviews, those without marks, and what they cost.</summary>
/// <param name="line">Where it is shown.</param>
internal sealed class JudgeDisplay(ProgressLine line) : IProgress<JudgingProgress>, IDisposable
{
    private bool _isBegun;

    /// <summary>How far it is; null before the first review.</summary>
    public JudgingProgress? Last { get; private set; }

    /// <inheritdoc/>
    public void Report(JudgingProgress value)
    {
        Last = value;
        if (!_isBegun)
        {
            _isBegun = true;
            line.Begin(value.Done);
        }

        line.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Done} of {value.Total} reviews, {value.Unparsed} without marks, ${value.Cost:0.####}"));
    }

    /// <inheritdoc/>
    public void Dispose() => line.Clear();
}
