using Orca.Training;

namespace Orca.Cli.Display;

/// <summary>The last training steps, for means that do not jump.</summary>
internal sealed class StepWindow
{
    private const int Length = 20;

    private readonly Queue<TrainingStep> _steps = new();

    /// <summary>Mean loss, weighted by the tokens that bore it, in nats.</summary>
    public double Loss => _steps.Sum(step => step.Loss * step.TeacherTokens) / Math.Max(1, _steps.Sum(step => step.TeacherTokens));

    /// <summary>Tokens trained on a second, waiting for lessons included.</summary>
    public double TokensPerSecond =>
        _steps.Sum(step => step.Tokens) / Math.Max(1e-9, _steps.Sum(step => (step.Elapsed + step.Waited).TotalSeconds));

    /// <summary>Their operations a second over those of the fastest product, waiting left out; null before that is measured.</summary>
    public double? ShareOfProduct => _steps.LastOrDefault()?.Limit is { } limit
        ? _steps.Sum(step => step.Flops) / Math.Max(1e-9, _steps.Sum(step => step.Elapsed.TotalSeconds)) / limit.Product
        : null;

    /// <summary>Share of their time that the trainer waited for lessons, 0 to 1.</summary>
    public double Waiting => _steps.Sum(step => step.Waited.TotalSeconds)
        / Math.Max(1e-9, _steps.Sum(step => (step.Elapsed + step.Waited).TotalSeconds));

    /// <summary>Adds the newest step; skipped ones have no loss and are left out.</summary>
    public void Add(TrainingStep step)
    {
        if (step.Skipped)
        {
            return;
        }

        _steps.Enqueue(step);
        if (_steps.Count > Length)
        {
            _steps.Dequeue();
        }
    }
}
