namespace Orca.Evaluation.Certificate;

/// <summary>How the extractor did on the responses of one kind or style.</summary>
/// <param name="Name">The kind or the style.</param>
/// <param name="Responses">All of them.</param>
/// <param name="Answered">Those that give an answer.</param>
/// <param name="Extracted">Those in which it found one, right or not.</param>
/// <param name="Found">Those in which it found the very answer they give.</param>
/// <param name="Right">Those where what it found, or that it found nothing, and the verdict are both right.</param>
public sealed record CertificateRow(string Name, int Responses, int Answered, int Extracted, int Found, int Right)
{
    /// <summary>The share of the found answers that are right; null where it found none.</summary>
    public double? Precision => Extracted == 0 ? null : (double)Found / Extracted;

    /// <summary>The share of the given answers that were found rightly; null where none was given.</summary>
    public double? Recall => Answered == 0 ? null : (double)Found / Answered;

    /// <summary>The share of all responses that were read and judged rightly.</summary>
    public double RightShare => Responses == 0 ? 0 : (double)Right / Responses;
}
