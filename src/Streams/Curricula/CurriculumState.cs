using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <summary>Everything the curriculum must remember: what commands decide, and how far the lessons have come.</summary>
internal sealed record CurriculumState(Steering Steering, LessonProgress Progress)
{
    private const int Format = 2;
    private const int FirstFormat = 1;

    /// <summary>As it is kept in a training checkpoint.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new Saved(Format, Steering, Progress), CommandJson.Options);

    /// <summary>From a training checkpoint.</summary>
    /// <exception cref="TaskFormatException">It is no such state.</exception>
    public static CurriculumState FromBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var json = JsonNode.Parse(bytes)!.AsObject();
            var format = (int?)(json["format"] ?? json["Format"]);
            return format switch
            {
                Format => json.Deserialize<Saved>(CommandJson.Options) is { Steering: { } steering, Progress: { } progress }
                    ? new CurriculumState(steering, progress)
                    : throw new JsonException(),
                FirstFormat => OfFirstFormat(json),
                _ => throw new TaskFormatException($"The checkpoint's curriculum state has form {format}, not {Format}; go on with the "
                    + "Orca that wrote it."),
            };
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new TaskFormatException("The checkpoint's curriculum state cannot be read; go on from another checkpoint.", failure);
        }
    }

    // Traces were taught in the order of their places; commands come back from their journal.
    private static CurriculumState OfFirstFormat(JsonObject json)
    {
        var (control, progress) = (json["Control"]!, json["Progress"]!);
        var (mixture, taken) = (MixtureIn(control["SettingsMixture"]!), (long)progress["Taken"]!);
        return new CurriculumState(
            new Steering
            {
                Revision = (long)control["Revision"]!,
                Paused = (bool)control["Paused"]! ? PausedWork.Collecting : PausedWork.None,
                Mixture = MixtureIn(control["Mixture"]!),
                SettingsMixture = mixture,
                ScreenLimits = control["ScreenLimits"].Deserialize<ImmutableSortedDictionary<string, double>>(CommandJson.Options)
                    ?? ImmutableSortedDictionary<string, double>.Empty,
                Gate = new GateTuning((int?)control["Gate"]?["Questions"], (double?)control["Gate"]?["Level"]),
                PublishRequests = (long)control["PublishRequests"]!,
            },
            new LessonProgress
            {
                Store = (string)progress["Store"]!,
                Stage = (string)progress["Stage"]!,
                Lessons = (long)progress["Lessons"]!,
                StageLessons = (long)progress["StageLessons"]!,
                Reached = taken,
                Fresh = taken,
                FreshInOrder = taken,
                Dropped = (long)progress["Dropped"]!,
                Replayed = (long)progress["Replayed"]!,
                Replay = progress["Replay"].Deserialize<ReplayProgress>() ?? new ReplayProgress(),
            });
    }

    private static Mixture MixtureIn(JsonNode node) =>
        Mixture.Even.Merged(node["Weights"].Deserialize<Dictionary<string, double>>() ?? []);

    private sealed record Saved(int Format, Steering Steering, LessonProgress Progress);
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

    /// <summary>Lessons given out in this stage.</summary>
    public long StageLessons { get; init; }

    /// <summary>Accepted traces of this stage up to this place have had their first turn, but those of <see cref="Left"/>.</summary>
    public long Reached { get; init; }

    /// <summary>Places below <see cref="Reached"/> that have not had their turn: others went first.</summary>
    public ImmutableSortedSet<long> Left { get; init; } = [];

    /// <summary>Lessons of this stage that were given for the first time.</summary>
    public long Fresh { get; init; }

    /// <summary>
    /// The first so many of them were given in the order of their places: by an earlier version of the program, which wrote no log.
    /// </summary>
    public long FreshInOrder { get; init; }

    /// <summary>Traces dropped because they make no lesson.</summary>
    public long Dropped { get; init; }

    /// <summary>Lessons given out that had been before.</summary>
    public long Replayed { get; init; }

    /// <summary>How far the lessons of this stage have been taught again.</summary>
    public ReplayProgress Replay { get; init; } = new();

    /// <summary>What the student has gained by collection and task.</summary>
    public GainRecord Gains { get; init; } = GainRecord.Empty;

    /// <summary>How far each task has come in difficulty.</summary>
    public PaceProgress Pace { get; init; } = PaceProgress.Begin;

    /// <summary>Revision of the last order to roll back that was carried out; 0 for none.</summary>
    public long RolledBack { get; init; }

    /// <summary>Revision of the last command that was asked to go on to a stage and did; 0 for none.</summary>
    public long StageRevision { get; init; }

    /// <summary>Hash over every lesson up to this one: its request, its tokens, and the hash before it.</summary>
    public ulong Hash { get; init; }

    /// <summary>Whether a trace has had its first turn.</summary>
    public bool HasTaken(long place) => place < Reached && !Left.Contains(place);

    /// <summary>After a trace's first turn.</summary>
    public LessonProgress WithTaken(long place) => place < Reached
        ? this with { Left = Left.Remove(place) }
        : this with { Left = Left.Union(Range(Reached, place)), Reached = place + 1 };

    private static IEnumerable<long> Range(long from, long to)
    {
        for (var place = from; place < to; place++)
        {
            yield return place;
        }
    }
}
