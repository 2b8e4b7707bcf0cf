using System.Collections.Immutable;
using Orca.Evaluation.Protocols;

namespace Orca.Evaluation.Certificate;

/// <summary>How the rules of published figures do on the multiple-choice responses of a style.</summary>
/// <param name="Style">The style.</param>
/// <param name="Responses">Its responses of multiple choice.</param>
/// <param name="FirstCapital">Those where <see cref="PaperRule.FirstCapital"/> finds the option chosen, or none where none is.</param>
/// <param name="AgiEval">Those where <see cref="PaperRule.AgiEval"/> does.</param>
public sealed record PaperRow(string Style, int Responses, int FirstCapital, int AgiEval)
{
    internal static PaperRow Of(string style, ImmutableArray<CertificateCase> cases) => new(
        style,
        cases.Length,
        cases.Count(one => PaperRule.FirstCapital(one.Response) == one.Option),
        cases.Count(one => PaperRule.AgiEval(one.Response) == one.Option));
}
