using System.Collections.Immutable;
using Orca.Training.Packing;
using Orca.Training.Practice;
using Orca.Training.Speed;

namespace Orca.Training;

/// <summary>What one optimizer step did.</summary>
public sealed record TrainingStep
{
    /// <summary>Number of the step, from 1, counted over all starts of the run. A skipped step does not advance it.</summary>
    public required long Step { get; init; }

    /// <summary>Token-weighted mean cross-entropy of the teacher's tokens before the step, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Whether the weights were left as they were because the loss or the gradient was infinite or not a number.</summary>
    public required bool Skipped { get; init; }

    /// <summary>Learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Share of the peak rate that the decay has left, 0 to 1; warm-up not counted.</summary>
    public double RateLevel { get; init; } = 1;

    /// <summary>Factor of the scheduled rate that commands have given; it is in <see cref="LearningRate"/>.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>Norm of the whole gradient before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Lessons learned from.</summary>
    public required int Lessons { get; init; }

    /// <summary>Tokens seen, padding not counted.</summary>
    public required int Tokens { get; init; }

    /// <summary>Tokens that bore loss.</summary>
    public required int TeacherTokens { get; init; }

    /// <summary>Mean divergence at the student's own tokens before the step, in nats; null where there were none.</summary>
    public double? PracticeLoss { get; init; }

    /// <summary>The student's own tokens, that it practised on.</summary>
    public int PracticeTokens { get; init; }

    /// <summary>What its own answers look like; null where there were none.</summary>
    public PracticeAlarms? Practice { get; init; }

    /// <summary>Share of the rows' places that held tokens, 0 to 1.</summary>
    public required double PackingEfficiency { get; init; }

    /// <summary>What was learned from, by collection, and how well the student knew it before the step.</summary>
    public required ImmutableSortedDictionary<string, LessonCount> Collections { get; init; }

    /// <summary>Lessons refused since the run's first start.</summary>
    public required long RefusedLessons { get; init; }

    /// <summary>Time the step took, waiting not counted.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time the trainer waited for lessons before it.</summary>
    public required TimeSpan Waited { get; init; }

    /// <summary>Share of the run that is over, 0 to 1; null where it is unbounded.</summary>
    public required double? Progress { get; init; }

    /// <summary>Operations it needed, by <see cref="Speed.StepWork"/>'s formula.</summary>
    public double Flops { get; init; }

    /// <summary>What could be reached at most; null before it was measured, which is after some steps of a start.</summary>
    public SpeedOfLight? Limit { get; init; }

    /// <summary>Bytes in use after it, of the device's memory or by the process; null where that is not known.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Tokens a second of <see cref="Elapsed"/>.</summary>
    public double TokensPerSecond => PerSecond(Tokens);

    /// <summary>Tokens that bore loss a second of <see cref="Elapsed"/>.</summary>
    public double TeacherTokensPerSecond => PerSecond(TeacherTokens);

    /// <summary>Its operations a second over those of the fastest product, as that was measured; null before it was.</summary>
    public double? ShareOfProduct => Limit is { } limit ? PerSecond(Flops) / limit.Product : null;

    /// <summary>Model FLOPs utilisation: its operations a second over what the data sheet promises; null where that is not known.</summary>
    public double? ShareOfDataSheet => PerSecond(Flops) / Limit?.DataSheet;

    private double PerSecond(double count) => Elapsed > TimeSpan.Zero ? count / Elapsed.TotalSeconds : 0;
}
