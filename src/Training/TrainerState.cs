using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Training.Adapters;

namespace Orca.Training;

/// <summary>Counters of a run over all its starts, kept in its checkpoints.</summary>
public sealed record TrainerState
{
    /// <summary>Number of the last optimizer step; a rollback has a number of its own.</summary>
    public long Step { get; init; }

    /// <summary>Steps that the optimizer counts: its bias correction goes on from here.</summary>
    public long OptimizerSteps { get; init; }

    /// <summary>Steps skipped because the loss or the gradient was infinite or not a number.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>Lessons learned from.</summary>
    public long Lessons { get; init; }

    /// <summary>Tokens seen, padding not counted.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens that bore loss.</summary>
    public long TeacherTokens { get; init; }

    /// <summary>The <see cref="Student.Origin"/> of the student that the run began with; null where it does not say.</summary>
    public string? Origin { get; init; }

    /// <summary>Where the frozen weights come from beside which adapters are trained; null where there are none.</summary>
    public AdapterBase? Base { get; init; }

    /// <summary>Step at which the learning rate's schedule began; 0 unless it was begun anew.</summary>
    public long ScheduleStart { get; init; }

    /// <summary>Share of the peak rate that the decay has left, 0 to 1: further starts do not rise above it.</summary>
    public double RateLevel { get; init; } = 1;

    /// <summary>
    /// Times that commands had begun the schedule anew when the run was last told; null where it never was.
    /// </summary>
    public long? ScheduleRestarts { get; init; }

    /// <summary>The same with a schedule that begins with the next step.</summary>
    public TrainerState WithScheduleBegun() => this with { ScheduleStart = Step, RateLevel = 1 };

    /// <summary>
    /// The counters of a student that is taken back to these ones: what it has learned is theirs, while steps are counted on and the
    /// schedule stays where it is.
    /// </summary>
    /// <param name="step">The number that the student has from here on.</param>
    /// <param name="now">The counters until here.</param>
    public TrainerState GoingOnAt(long step, TrainerState now) => this with
    {
        Step = step,
        SkippedSteps = now.SkippedSteps,
        ScheduleStart = now.ScheduleStart,
        RateLevel = now.RateLevel,
        ScheduleRestarts = now.ScheduleRestarts,
    };

    /// <summary>The counters after one more step.</summary>
    public TrainerState After(TrainingStep step) => this with
    {
        RateLevel = step.RateLevel,
        Step = Step + (step.Skipped ? 0 : 1),
        OptimizerSteps = OptimizerSteps + (step.Skipped ? 0 : 1),
        SkippedSteps = SkippedSteps + (step.Skipped ? 1 : 0),
        Lessons = Lessons + step.Lessons,
        Tokens = Tokens + step.Tokens,
        TeacherTokens = TeacherTokens + step.TeacherTokens,
    };

    /// <summary>The state as UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TrainerStateJson.Default.TrainerState);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are no trainer state.</exception>
    public static TrainerState FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, TrainerStateJson.Default.TrainerState) ?? throw new JsonException("the trainer's state is null");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TrainerState))]
internal sealed partial class TrainerStateJson : JsonSerializerContext;
