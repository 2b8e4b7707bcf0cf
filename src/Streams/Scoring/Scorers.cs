using System.Collections.Immutable;
using Orca.Streams.Teachers;

namespace Orca.Streams.Scoring;

/// <summary>The built-in scorers, and what several tell of an answer.</summary>
public static class Scorers
{
    private static readonly ImmutableArray<IScorer> BuiltIn = [new WordsScorer(), new StepsScorer(), new AgreementScorer()];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. BuiltIn.Select(scorer => scorer.Name)];

    /// <summary>Those of these names, each once.</summary>
    /// <param name="names">The names.</param>
    /// <param name="besides">Scorers that are known besides the built-in ones.</param>
    /// <exception cref="TaskFormatException">A name is unknown; the message lists the known ones.</exception>
    public static ImmutableArray<IScorer> Of(IEnumerable<string> names, params IEnumerable<IScorer> besides)
    {
        var known = BuiltIn.Concat(besides).ToList();
        return
        [
            .. names.Distinct().Select(name => known.Find(scorer => scorer.Name == name) ?? throw new TaskFormatException(
                $"There is no score '{name}'; choose from {string.Join(", ", known.Select(scorer => scorer.Name))}.")),
        ];
    }

    /// <summary>What scorers tell of a trace; one that can tell nothing, or fails on it, gives no score.</summary>
    /// <param name="scorers">The scorers.</param>
    /// <param name="trace">The answer.</param>
    /// <param name="answers">All answers to its question, itself among them.</param>
    /// <param name="failed">Hears of scorers that fail.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async ValueTask<ImmutableArray<TraceScore>> OfAsync(
        ImmutableArray<IScorer> scorers, Trace trace, ImmutableArray<Trace> answers, Action<IScorer, Exception> failed,
        CancellationToken cancellationToken)
    {
        if (scorers.IsEmpty)
        {
            return [];
        }

        var scores = ImmutableArray.CreateBuilder<TraceScore>(scorers.Length);
        foreach (var scorer in scorers)
        {
            if (await ScoreOfAsync(scorer, trace, answers, failed, cancellationToken) is { } value && double.IsFinite(value))
            {
                scores.Add(new TraceScore(scorer.Name, value));
            }
        }

        return scores.ToImmutable();
    }

    // A score is worth less than the answer that was paid for: it ends nothing.
    private static async ValueTask<double?> ScoreOfAsync(
        IScorer scorer, Trace trace, ImmutableArray<Trace> answers, Action<IScorer, Exception> failed, CancellationToken cancellationToken)
    {
        try
        {
            return await scorer.ScoreAsync(trace, answers, cancellationToken);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Scorers that ask others may say in their own way that they were cancelled.
            cancellationToken.ThrowIfCancellationRequested();
            failed(scorer, failure);
            return null;
        }
    }
}
