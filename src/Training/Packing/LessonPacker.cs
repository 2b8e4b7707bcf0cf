using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

/// <summary>
/// Packs lessons into rows. Every row takes the lesson that has waited longest, then those of the waiting ones that together
/// leave the fewest places free. What it gives depends on the lessons and their order alone, never on time.
/// </summary>
/// <remarks>Not safe for several threads: the trainer's thread owns it.</remarks>
public sealed class LessonPacker
{
    private readonly PackingOptions options;
    private readonly List<Lesson> waiting = [];
    private readonly Dictionary<LessonRefusal, long> refused = [];
    private long takenForStep;

    /// <summary>An empty packer, or one that goes on from <paramref name="state"/>.</summary>
    public LessonPacker(PackingOptions options, PackerState? state = null)
    {
        this.options = options;
        foreach (var (reason, count) in state?.Refused ?? ImmutableDictionary<LessonRefusal, long>.Empty)
        {
            refused[reason] = count;
        }

        // Offered again, since rows may have become shorter.
        foreach (var lesson in state?.Waiting ?? [])
        {
            Offer(lesson);
        }

        (Taken, takenForStep) = (state?.Taken ?? 0, state?.TakenForStep ?? 0);
    }

    /// <summary>Lessons offered so far, refused ones included.</summary>
    public long Taken { get; private set; }

    /// <summary>Tokens of the lessons that wait.</summary>
    public long WaitingTokens { get; private set; }

    /// <summary>Whether any lesson waits.</summary>
    public bool IsEmpty => waiting.Count == 0;

    /// <summary>
    /// Whether enough lessons wait for a step, and one at least was offered since the last: a step follows what the curriculum says now.
    /// More need not be offered until a row is packed.
    /// </summary>
    public bool IsReady => WaitingTokens >= options.WindowTokens && takenForStep > 0;

    /// <summary>The whole state as a value: what waits, in order, and the counters.</summary>
    public PackerState State => new()
    {
        Waiting = [.. waiting],
        Taken = Taken,
        TakenForStep = takenForStep,
        Refused = refused.ToImmutableDictionary(),
    };

    /// <summary>Lessons refused so far, by reason.</summary>
    public IReadOnlyDictionary<LessonRefusal, long> Refused => refused;

    /// <summary>Takes a lesson in, or refuses and counts it.</summary>
    /// <returns>Why it was refused; null where it was taken in.</returns>
    public LessonRefusal? Offer(Lesson lesson)
    {
        Taken++;
        takenForStep++;
        if (Refusal(lesson) is { } reason)
        {
            refused[reason] = refused.GetValueOrDefault(reason) + 1;
            return reason;
        }

        Accept(lesson);
        return null;
    }

    /// <summary>Packs at most so many rows out of the lessons that wait; fewer where they run out, none where none wait.</summary>
    public PackedBatch? Pack(int rows)
    {
        takenForStep = 0;
        var packed = new List<IReadOnlyList<Lesson>>(rows);
        while (packed.Count < rows && waiting.Count > 0)
        {
            packed.Add(TakeRow());
        }

        return packed.Count == 0 ? null : PackedBatch.Of(packed, options.RowLength);
    }

    private LessonRefusal? Refusal(Lesson lesson) => lesson switch
    {
        { PromptTokens.Length: 0 } => LessonRefusal.NoPrompt,
        { AnswerTokens.Length: 0 } => LessonRefusal.NoAnswer,
        _ when lesson.Length > options.RowLength || HintedLength(lesson) > options.RowLength => LessonRefusal.TooLong,
        _ when !(float.IsFinite(lesson.Weight) && lesson.Weight > 0) => LessonRefusal.NoWeight,
        _ when !(AreKnown(lesson.PromptTokens) && AreKnown(lesson.HintedPromptTokens) && AreKnown(lesson.AnswerTokens)) =>
            LessonRefusal.UnknownToken,
        _ => null,
    };

    private static int HintedLength(Lesson lesson) => lesson.HintedPromptTokens.Length + lesson.AnswerTokens.Length;

    private bool AreKnown(ImmutableArray<int> tokens) => tokens.All(token => (uint)token < (uint)options.VocabularySize);

    private void Accept(Lesson lesson)
    {
        waiting.Add(lesson);
        WaitingTokens += lesson.Length;
    }

    private List<Lesson> TakeRow()
    {
        var row = RowChoice.Take(waiting, options.RowLength);
        WaitingTokens -= row.Sum(lesson => lesson.Length);
        return row;
    }
}
