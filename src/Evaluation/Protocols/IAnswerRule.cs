using Orca.Streams.Answers;

namespace Orca.Evaluation.Protocols;

/// <summary>Finds the answer in a response and compares it with the gold ones.</summary>
public interface IAnswerRule
{
    /// <summary>Stands beside every score: scores by different rules are not comparable.</summary>
    string Name { get; }

    /// <summary>Reads a response.</summary>
    Reading Read(string response, ExpectedAnswer expected);
}
