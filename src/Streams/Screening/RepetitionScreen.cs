using System.Buffers;
using System.Globalization;
using System.Numerics;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Share of an answer's letters that say once more what was just said, over and over: 0 to 1.</summary>
/// <remarks>
/// Two things count, and the larger is the value. A loop (<see cref="LoopedWords"/>): the same words in the same order, three times or
/// more without anything between. A saying (<see cref="RepeatedSentences"/>): one sentence that keeps coming back between others. Refrains,
/// parallel sentences, tables and code come back less often, or with something else in them; numbers and signs alone are no words.
/// Time is linear in the answer's length, memory bounded.
/// </remarks>
public sealed class RepetitionScreen : IScreen
{
    /// <summary>What the loudest refrains stay below, and loops that are worth a word do not.</summary>
    public const double DefaultMaxShare = 0.15;

    private const int LargestWindow = 8192;
    private const int LettersAWord = 4;

    /// <inheritdoc/>
    public string Name => "repetition";

    /// <inheritdoc/>
    public string Settings => "repetition 1";

    /// <inheritdoc/>
    public double DefaultLimit => DefaultMaxShare;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace)
    {
        var share = ShareOf(trace.Response);
        return share == 0
            ? Measurement.None
            : new Measurement(share, string.Create(CultureInfo.InvariantCulture, $"{share:P0} of the answer is repetition."));
    }

    private static double ShareOf(string text)
    {
        var window = (int)Math.Min(LargestWindow, BitOperations.RoundUpToPowerOf2((uint)Math.Max(text.Length / LettersAWord, 64)));
        var ints = ArrayPool<int>.Shared.Rent(2 * window);
        var slots = ArrayPool<(int, int)>.Shared.Rent(window / 4);
        try
        {
            ints.AsSpan(0, 2 * window).Clear();
            slots.AsSpan(0, window / 4).Clear();
            return ShareOf(text, new(ints.AsSpan(0, window), ints.AsSpan(window, window)), new(slots.AsSpan(0, window / 4)));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ints);
            ArrayPool<(int, int)>.Shared.Return(slots);
        }
    }

    private static double ShareOf(string text, LoopedWords loops, RepeatedSentences sentences)
    {
        var words = new WordReader(text);
        var letters = 0L;
        while (words.Next())
        {
            if (words.BeginsSentence)
            {
                sentences.End();
            }

            letters += words.Letters;
            loops.Add(words.Hash, words.Letters, words.BeginsCell);
            sentences.Add(words.Hash, words.Letters);
        }

        loops.End();
        sentences.End();
        return letters == 0 ? 0 : (double)Math.Max(loops.Letters, sentences.Letters) / letters;
    }
}
