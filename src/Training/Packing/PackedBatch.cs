using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

// B rows (batch), T tokens a row. All arrays are row-major [B, T].

/// <summary>Several rows of packed lessons as plain values, ready to become tensors.</summary>
public sealed class PackedBatch
{
    /// <summary>Rows, 1 or more.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens a row.</summary>
    public required int RowLength { get; init; }

    /// <summary>[B, T] token ids; 0 on padding.</summary>
    public required ImmutableArray<long> Tokens { get; init; }

    /// <summary>[B, T] position of every token within its own lesson, from 0; 0 on padding.</summary>
    public required ImmutableArray<long> Positions { get; init; }

    /// <summary>[B, T] number of the lesson within its row, from 1; 0 on padding. No token attends to another segment.</summary>
    public required ImmutableArray<long> Segments { get; init; }

    /// <summary>
    /// [B, T] weight in the loss of predicting this very token from the one before it; 0 on prompts and padding, the lesson's weight
    /// on every token of its answer, the stop token included; 0 too on lessons of practice.
    /// </summary>
    public required ImmutableArray<float> Weights { get; init; }

    /// <summary>
    /// [B, T] weight in the loss of practice of predicting this very token: that of its lesson on the student's own tokens, else 0; empty
    /// where no lesson is of practice.
    /// </summary>
    public ImmutableArray<float> PracticeWeights { get; init; } = [];

    /// <summary>The hinted halves of the lessons of practice; none where there are none.</summary>
    public ImmutableArray<HintedRows> Hints { get; init; } = [];

    /// <summary>What was packed: the lessons of the first row, then those of the next.</summary>
    public required ImmutableArray<Lesson> Packed { get; init; }

    /// <summary>What was packed, by collection.</summary>
    public required ImmutableSortedDictionary<string, LessonCount> Collections { get; init; }

    /// <summary>Lessons in all rows.</summary>
    public int Lessons => Collections.Values.Sum(count => count.Lessons);

    /// <summary>Tokens in all rows, padding not counted.</summary>
    public int TokenCount => Collections.Values.Sum(count => count.Tokens);

    /// <summary>Tokens that bear loss.</summary>
    public int TeacherTokens => Collections.Values.Sum(count => count.TeacherTokens);

    /// <summary>The student's own tokens, that it practises on.</summary>
    public int PracticeTokens => PracticeWeights.Count(weight => weight > 0);

    /// <summary>Sum of all weights of practice, as <see cref="TotalWeight"/>.</summary>
    public double TotalPracticeWeight => PracticeWeights.Sum(weight => (double)weight);

    /// <summary>Sum of all weights: what a step's loss is divided by, once for all its micro-batches.</summary>
    public double TotalWeight => Weights.Sum(weight => (double)weight);

    /// <summary>Lays lessons out in rows; each list is one row and must fit it.</summary>
    public static PackedBatch Of(IReadOnlyList<IReadOnlyList<Lesson>> rows, int rowLength)
    {
        var size = rows.Count * rowLength;
        Lesson[] packed = [.. rows.SelectMany(row => row)];
        var (tokens, positions, segments, weights) = (new long[size], new long[size], new long[size], new float[size]);
        var practice = packed.Any(lesson => lesson.IsPractice) ? new float[size] : [];
        for (var row = 0; row < rows.Count; row++)
        {
            var at = row * rowLength;
            var segment = 0;
            foreach (var lesson in rows[row])
            {
                segment++;
                var its = lesson.IsPractice ? practice : weights;
                for (var position = 0; position < lesson.Length; position++, at++)
                {
                    var inAnswer = position - lesson.PromptTokens.Length;
                    tokens[at] = inAnswer < 0 ? lesson.PromptTokens[position] : lesson.AnswerTokens[inAnswer];
                    positions[at] = position;
                    segments[at] = segment;
                    // The first token of a lesson has no predecessor in it, so nothing may predict it.
                    its[at] = inAnswer < 0 || position == 0 ? 0 : lesson.Weight;
                }
            }
        }

        return new PackedBatch
        {
            Rows = rows.Count,
            RowLength = rowLength,
            Tokens = ImmutableArray.Create(tokens),
            Positions = ImmutableArray.Create(positions),
            Segments = ImmutableArray.Create(segments),
            Weights = ImmutableArray.Create(weights),
            PracticeWeights = ImmutableArray.Create(practice),
            Hints = HintedRows.Of(packed, rows.Count, rowLength),
            Packed = ImmutableArray.Create(packed),
            Collections = LessonCount.ByCollection(packed),
        };
    }

    /// <summary>The places that bear loss, in order.</summary>
    public LossTargets Targets() => TargetsOf(Weights);

    /// <summary>The places of the student's own tokens, in order.</summary>
    public LossTargets PracticeTargets() => TargetsOf(PracticeWeights);

    private LossTargets TargetsOf(ImmutableArray<float> weights)
    {
        var at = Enumerable.Range(0, weights.Length).Where(index => weights[index] > 0).ToArray();
        return new LossTargets(
            Array.ConvertAll(at, index => index - 1L),
            Array.ConvertAll(at, index => Tokens[index]),
            Array.ConvertAll(at, index => weights[index]),
            LessonsAt(at));
    }

    // The index of each place's lesson among all of them.
    private int[] LessonsAt(int[] places)
    {
        var (found, lesson, next) = (new int[places.Length], -1, 0);
        for (var i = 0; i < places.Length; i++)
        {
            for (; next <= places[i]; next++)
            {
                var isFirst = next % RowLength == 0 || Segments[next] != Segments[next - 1];
                lesson += isFirst && Segments[next] != 0 ? 1 : 0;
            }

            found[i] = lesson;
        }

        return found;
    }
}

/// <summary>The places of a batch that bear loss; N in all of them.</summary>
/// <param name="Predictors">[N] index into the flattened [B·T] of the token before each target: the hidden state that predicts it.</param>
/// <param name="Tokens">[N] the target token ids.</param>
/// <param name="Weights">[N] their weights, all above 0.</param>
/// <param name="Lessons">[N] index of each one's lesson in <see cref="PackedBatch.Packed"/>; ascending.</param>
public sealed record LossTargets(long[] Predictors, long[] Tokens, float[] Weights, int[] Lessons);
