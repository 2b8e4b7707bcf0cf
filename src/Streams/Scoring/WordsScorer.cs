using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>Words of an answer: runs of anything but white space.</summary>
public sealed class WordsScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "words";

    /// <inheritdoc/>
    public ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken) =>
        ValueTask.FromResult<double?>(WordsIn(trace.Response));

    private static int WordsIn(string response)
    {
        var (words, isWithin) = (0, false);
        foreach (var letter in response)
        {
            var isLetter = !char.IsWhiteSpace(letter);
            words += isLetter && !isWithin ? 1 : 0;
            isWithin = isLetter;
        }

        return words;
    }
}
