namespace Orca.Evaluation.Subjects;

/// <summary>Whatever answers questions: a server, or a student in this process.</summary>
/// <remarks>Callers ask many questions at once, so that whoever answers can batch them.</remarks>
public interface ITextGenerator
{
    /// <summary>Name for reports: an address or a folder.</summary>
    string Name { get; }

    /// <summary>Answers one question, with the likeliest token at every step.</summary>
    /// <param name="systemMessage">How to answer; empty for none.</param>
    /// <param name="prompt">The question.</param>
    /// <param name="maxTokens">Length at which the answer is cut.</param>
    /// <param name="cancellationToken">Gives the question up.</param>
    Task<GeneratedAnswer> GenerateAsync(string systemMessage, string prompt, int maxTokens, CancellationToken cancellationToken);
}

/// <summary>An answer and who gave it.</summary>
/// <param name="Text">The whole answer, without its stop token.</param>
/// <param name="Version">Version of the student that made every token of it.</param>
public sealed record GeneratedAnswer(string Text, string Version);
