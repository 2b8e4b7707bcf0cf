using System.Collections.Immutable;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Subjects;

/// <summary>Whatever answers questions: a server, an endpoint, or a student in this process.</summary>
/// <remarks>Callers ask many questions at once, so that whoever answers can batch them.</remarks>
public interface ITextGenerator
{
    /// <summary>Name for reports: an address or a folder.</summary>
    string Name { get; }

    /// <summary>Answers one question; the same prompt and version give the same answer, whoever else is asked beside it.</summary>
    /// <param name="prompt">The question and how it is answered; its continuations are left aside.</param>
    /// <param name="cancellationToken">Gives the question up.</param>
    Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken);
}

/// <summary>An answer and who gave it.</summary>
/// <param name="Text">The whole answer, without its stop token.</param>
/// <param name="Version">Version of the student that made every token of it.</param>
public sealed record GeneratedAnswer(string Text, string Version)
{
    /// <summary>Tokens of the prompt; 0 where it is not told.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the answer; 0 where it is not told.</summary>
    public int Tokens { get; init; }

    /// <summary>Whether it was cut at its longest length.</summary>
    public bool IsCut { get; init; }

    /// <summary>Of ranked choices each one's negative log-probability in nats, in their order; null of a generated answer.</summary>
    public ImmutableArray<double>? ChoiceLosses { get; init; }

    /// <summary>Why this prompt can never be answered, such as one longer than the student's context; null where it was answered.</summary>
    public string? Refusal { get; init; }

    /// <summary>No answer, and never one, to a prompt.</summary>
    /// <param name="why">What is said of it.</param>
    public static GeneratedAnswer Refused(string why) => new("", "none") { Refusal = why };
}
