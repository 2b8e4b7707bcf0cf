using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Subjects;

/// <summary>Answers by the likeliest of given texts.</summary>
public static class Ranking
{
    /// <summary>The likeliest of a prompt's continuations, without the blank before it; of equally likely ones the first.</summary>
    public static async Task<GeneratedAnswer> ChooseAsync(ITextScorer scorer, Prompt prompt, CancellationToken cancellationToken)
    {
        AnswerLoss[] losses;
        try
        {
            losses = await Task.WhenAll(prompt.Continuations.Select(text => scorer.LossAsync(prompt, text, cancellationToken)));
        }
        catch (Exception failure) when (scorer.RefusalOf(failure) is { } refusal)
        {
            return GeneratedAnswer.Refused(refusal);
        }

        var best = Enumerable.Range(0, losses.Length).MinBy(place => losses[place].Total);
        return new GeneratedAnswer(prompt.Continuations[best].Trim(), losses[best].Version)
        {
            Tokens = losses[best].Tokens,
            ChoiceLosses = [.. losses.Select(loss => loss.Total)],
        };
    }
}
