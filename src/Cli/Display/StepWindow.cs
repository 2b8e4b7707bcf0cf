using Orca.Training;

namespace Orca.Cli.Display;

/// <summary>The last training steps, for means that do not jump.</summary>
internal sealed class StepWindow
{
    private const int Length = 20;

    // A wait of hours tells how the run stands as long as it lasts, and is not to be told for twenty steps after it.
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);

    private readonly Queue<TrainingStep> _steps = new();

    /// <summary>Mean loss, weighted by the tokens that bore it, in nats; null where none did.</summary>
    public double? Loss => Mean(step => step.TeacherTokens == 0 ? 0 : step.Loss, step => step.TeacherTokens);

    /// <summary>Mean loss of practice, weighted by the student's own tokens, in nats; null where it does not practise.</summary>
    public double? PracticeLoss => Mean(step => step.PracticeLoss ?? 0, step => step.PracticeTokens);

    /// <summary>Their operations a second over those of the fastest product, waiting left out; null before that is measured.</summary>
    public double? ShareOfProduct => _steps.LastOrDefault()?.Limit is { } limit
        ? _steps.Sum(step => step.Flops) / Math.Max(1e-9, _steps.Sum(step => step.Elapsed.TotalSeconds)) / limit.Product
        : null;

    /// <summary>Share of their time that the trainer waited for lessons, 0 to 1; of the last of a minute together, or the last.</summary>
    public double Waiting => Recent().Sum(step => step.Waited.TotalSeconds) / Math.Max(1e-9, Recent().Sum(Seconds));

    /// <summary>
    /// Tokens trained on a second, waiting for lessons included, over the last steps of a minute together, or the last step.
    /// </summary>
    /// <param name="since">Time since the last step; what exceeds the longest of the steps counts as time without tokens.</param>
    public double TokensPerSecond(TimeSpan since)
    {
        if (_steps.Count == 0)
        {
            return 0;
        }

        var idle = Math.Max(0, since.TotalSeconds - _steps.Max(Seconds));
        return Recent().Sum(step => (double)step.Tokens) / Math.Max(1e-9, Recent().Sum(Seconds) + idle);
    }

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

    private IEnumerable<TrainingStep> Recent()
    {
        var time = TimeSpan.Zero;
        return _steps.Reverse().TakeWhile((step, index) => (time += step.Elapsed + step.Waited) <= Lately || index == 0);
    }

    private double? Mean(Func<TrainingStep, double> loss, Func<TrainingStep, int> tokens) =>
        _steps.Sum(step => (long)tokens(step)) is > 0 and var all ? _steps.Sum(step => loss(step) * tokens(step)) / all : null;

    private static double Seconds(TrainingStep step) => (step.Elapsed + step.Waited).TotalSeconds;
}
