using System.Collections.Immutable;
using System.Text.Json;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <summary>Everything the curriculum must remember: what commands decide, and how far the lessons have come.</summary>
internal sealed record CurriculumState(CurriculumControl Control, LessonProgress Progress)
{
    private const int Format = 1;

    /// <summary>As it is kept in a training checkpoint.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new Saved(Format, Control, Progress), ScreenTuning.Json);

    /// <summary>From a training checkpoint.</summary>
    /// <exception cref="TaskFormatException">It is no such state.</exception>
    public static CurriculumState FromBytes(ReadOnlySpan<byte> bytes)
    {
        Saved? saved;
        try
        {
            saved = JsonSerializer.Deserialize<Saved>(bytes, ScreenTuning.Json);
        }
        catch (JsonException failure)
        {
            throw new TaskFormatException("The checkpoint's curriculum state cannot be read; go on from another checkpoint.", failure);
        }

        return saved is { Format: Format, Control: not null, Progress: not null }
            ? new CurriculumState(saved.Control, saved.Progress)
            : throw new TaskFormatException($"The checkpoint's curriculum state has form {saved?.Format}, not {Format}; go on with the "
                + "Orca that wrote it.");
    }

    private sealed record Saved(int Format, CurriculumControl Control, LessonProgress Progress);
}

/// <summary>What commands decide.</summary>
internal sealed record CurriculumControl
{
    /// <summary>Of the last command in effect.</summary>
    public long Revision { get; init; }

    public bool Paused { get; init; }

    /// <summary>The weights in effect.</summary>
    public required Mixture Mixture { get; init; }

    /// <summary>The weights that the settings named when this was saved: other settings later on count as the newer wish.</summary>
    public required Mixture SettingsMixture { get; init; }

    /// <summary>Limits of screens that commands have set.</summary>
    public ImmutableSortedDictionary<string, double> ScreenLimits { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>How published versions are judged, as commands have set it.</summary>
    public GateTuning Gate { get; init; } = GateTuning.None;

    /// <summary>Times a checkpoint was asked for.</summary>
    public long PublishRequests { get; init; }
}

/// <summary>How far the lessons have come. The lesson after it is a function of this and of the stored traces.</summary>
internal sealed record LessonProgress
{
    /// <summary>The store whose traces are meant.</summary>
    public required string Store { get; init; }

    /// <summary>Name of the stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Lessons given out in all; the last one's ordinal.</summary>
    public long Lessons { get; init; }

    /// <summary>Lessons given out in this stage, and those dropped.</summary>
    public long StageLessons { get; init; }

    /// <summary>Accepted traces of this stage that have been taken a first time: the next one's place.</summary>
    public long Taken { get; init; }

    /// <summary>Traces dropped because they make no lesson.</summary>
    public long Dropped { get; init; }

    /// <summary>Lessons given out that had been before.</summary>
    public long Replayed { get; init; }

    /// <summary>How far the traces of this stage have been taught again.</summary>
    public ReplayProgress Replay { get; init; } = new();
}
