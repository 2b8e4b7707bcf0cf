using Orca.Streams.Answers;

namespace Orca.Evaluation.Certificate;

/// <summary>What the extractor made of one response.</summary>
/// <param name="Case">The response and what was to be found.</param>
/// <param name="Answer">What was found; null for nothing.</param>
/// <param name="Verdict">What the comparison with the right answer came to.</param>
public sealed record CertificateReading(CertificateCase Case, string? Answer, AnswerVerdict Verdict)
{
    /// <summary>Whether the answer that the response gives was found.</summary>
    public bool IsFound => Answer is not null && Answer == Case.Found;

    /// <summary>Whether both the answer, or that there is none, and the verdict are right.</summary>
    public bool IsRight => Answer == Case.Found && Verdict == Case.Verdict;

    /// <summary>Reads one response.</summary>
    public static CertificateReading Of(CertificateCase one) => new(
        one, AnswerExtractor.Extract(one.Response, one.Kind), AnswerMatch.Judge(one.Response, new(one.Kind, [one.Gold], one.Question)));
}
