using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>Words of an answer: runs of anything but white space.</summary>
public sealed class WordsScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "words";

    /// <inheritdoc/>
    public double? Score(Trace trace)
    {
        var (words, isWithin) = (0, false);
        foreach (var letter in trace.Response)
        {
            var isLetter = !char.IsWhiteSpace(letter);
            words += isLetter && !isWithin ? 1 : 0;
            isWithin = isLetter;
        }

        return words;
    }
}
