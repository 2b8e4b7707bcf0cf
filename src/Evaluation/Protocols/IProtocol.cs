using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Protocols;

/// <summary>How a benchmark is asked and its answers are read; named in every number.</summary>
public interface IProtocol : IAnswerRule
{
    /// <summary>The exact prompt of a question.</summary>
    /// <param name="item">The question.</param>
    /// <param name="task">The task it is of.</param>
    /// <param name="options">What may be chosen.</param>
    /// <param name="repeat">Which of several samples of it, from 0; each has a seed of its own.</param>
    Prompt Ask(EvaluationItem item, EvaluationTask task, ProtocolOptions options, int repeat);
}
