namespace Orca.Cli.Configuration;

/// <summary>
/// Everything that can be set, one record a section. Read from <c>orca.json</c>, overridden by <c>ORCA__SECTION__KEY</c>
/// variables, overridden by flags; bound and checked as a whole by <see cref="SettingsBinder"/>, and never changed afterwards.
/// </summary>
internal sealed record OrcaSettings
{
    /// <summary>The run: where it lives, what it does and when it ends.</summary>
    public RunSettings Run { get; init; } = new();

    /// <summary>The student that a new run starts from.</summary>
    public StudentSettings Student { get; init; } = new();

    /// <summary>Where questions come from.</summary>
    public TaskSettings Tasks { get; init; } = new();

    /// <summary>Who answers them.</summary>
    public TeacherSettings Teacher { get; init; } = new();

    /// <summary>How much is collected.</summary>
    public CollectSettings Collect { get; init; } = new();

    /// <summary>In which order and mixture the student learns.</summary>
    public CurriculumSettings Curriculum { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>How it is served.</summary>
    public ServingSettings Serving { get; init; } = new();

    /// <summary>How it is examined.</summary>
    public EvaluationSettings Evaluation { get; init; } = new();

    /// <summary>What the terminal shows.</summary>
    public DisplaySettings Display { get; init; } = new();
}
