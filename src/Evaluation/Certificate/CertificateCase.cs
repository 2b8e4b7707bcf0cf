using System.Text.Json.Serialization;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Certificate;

/// <summary>One response of the certificate, and what must be found in it.</summary>
public sealed record CertificateCase
{
    /// <summary>The style it is written in.</summary>
    public required string Style { get; init; }

    /// <summary>How its answer is found and compared.</summary>
    public required AnswerKind Kind { get; init; }

    /// <summary>The question, with its options where it has any.</summary>
    public string Question { get; init; } = "";

    /// <summary>The response.</summary>
    public required string Response { get; init; }

    /// <summary>The right answer of the question.</summary>
    public required string Gold { get; init; }

    /// <summary>What the response answers with, as the extractor writes it; null where it gives no answer.</summary>
    public string? Found { get; init; }

    /// <summary>
    /// What the comparison with the right answer must come to. Of a response that gives no answer it is <see cref="AnswerVerdict.Wrong"/>,
    /// or <see cref="AnswerVerdict.Undecided"/> where words are compared.
    /// </summary>
    public required AnswerVerdict Verdict { get; init; }

    /// <summary>The option that a response of a multiple-choice question chooses; null where it chooses none.</summary>
    [JsonIgnore]
    public char? Option => Found is null ? null
        : Found.Length == 1 && char.IsAsciiLetterUpper(Found[0]) ? Found[0]
        : OptionList.Of(Question).FirstOrDefault(option => AnswerMatch.Fold(option.Text) == AnswerMatch.Fold(Found))?.Letter;
}
