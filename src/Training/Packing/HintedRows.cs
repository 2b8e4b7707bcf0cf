using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

/// <summary>
/// Rows of the hinted halves of a micro-batch's lessons of practice: hinted prompt and the student's own answer. They are no part of the
/// rows that are learned from, but of the same step.
/// </summary>
/// <param name="Rows">At most as many rows as the micro-batch has, of its row length; its weights say where the own tokens are.</param>
/// <param name="Lessons">Of each of its lessons, in order, the index in <see cref="PackedBatch.Packed"/> of the micro-batch.</param>
public sealed record HintedRows(PackedBatch Rows, ImmutableArray<int> Lessons)
{
    /// <summary>Those of a micro-batch's lessons; none where none is of practice.</summary>
    internal static ImmutableArray<HintedRows> Of(IReadOnlyList<Lesson> packed, int rows, int rowLength)
    {
        var places = new Dictionary<Lesson, int>(ReferenceEqualityComparer.Instance);
        var waiting = new List<Lesson>();
        for (var index = 0; index < packed.Count; index++)
        {
            if (packed[index].IsPractice)
            {
                waiting.Add(Hinted(packed[index]));
                places.Add(waiting[^1], index);
            }
        }

        var all = new List<IReadOnlyList<Lesson>>();
        while (waiting.Count > 0)
        {
            all.Add(RowChoice.Take(waiting, rowLength));
        }

        return
        [
            .. all.Chunk(rows).Select(some => new HintedRows(
                PackedBatch.Of(some, rowLength), [.. some.SelectMany(row => row).Select(lesson => places[lesson])])),
        ];
    }

    // Whatever its weight, each of its own tokens is scored.
    private static Lesson Hinted(Lesson lesson) =>
        lesson with { PromptTokens = lesson.HintedPromptTokens, HintedPromptTokens = [], Weight = 1 };
}
