using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Subjects;

/// <summary>Whatever tells how likely it finds an answer: a server, or a student in this process.</summary>
/// <remarks>Callers ask about many answers at once, so that whoever tells can batch them.</remarks>
public interface ITextScorer
{
    /// <summary>Name for reports: an address or a folder.</summary>
    string Name { get; }

    /// <summary>How likely an answer to a question is, its end left out.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="answer">The answer; not empty.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken);

    /// <summary>Why this prompt can never be taken, where an exception of <see cref="LossAsync"/> says that; else null.</summary>
    string? RefusalOf(Exception failure) => null;
}

/// <summary>How unlikely a student finds an answer.</summary>
/// <param name="Total">Negative logarithm of its probability, in nats.</param>
/// <param name="Tokens">Its tokens, one or more.</param>
/// <param name="Version">Version of the student.</param>
public sealed record AnswerLoss(double Total, int Tokens, string Version)
{
    /// <summary>Nats for each token: what the student would be trained to make smaller.</summary>
    public double PerToken => Total / Tokens;
}
