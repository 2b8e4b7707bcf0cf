using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Protocols;

/// <summary>How a benchmark is asked and its answers are read; named in every number.</summary>
public interface IProtocol : IAnswerRule
{
    /// <summary>What of the options the protocol has no place for, one sentence; null where it heeds them all.</summary>
    string? Fault(ProtocolOptions options) => null;

    /// <summary>The exact prompt of a question.</summary>
    /// <param name="item">The question.</param>
    /// <param name="task">The task it is of.</param>
    /// <param name="options">What may be chosen.</param>
    /// <param name="repeat">Which of several samples of it, from 0; each has a seed of its own.</param>
    Prompt Ask(EvaluationItem item, EvaluationTask task, ProtocolOptions options, int repeat);
}
