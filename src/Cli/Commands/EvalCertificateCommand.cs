using System.CommandLine;
using System.Globalization;
using Orca.Evaluation.Certificate;

namespace Orca.Cli.Commands;

/// <summary>
/// <c>orca eval certificate</c>: what the answer extractor makes of answers in many styles, and the paper's rule beside it.
/// </summary>
internal static class EvalCertificateCommand
{
    public static Command Create()
    {
        var command = new Command("certificate", "Shows what the answer extractor makes of answers in many styles.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var certificate = ExtractorCertificate.Issue(CertificateFixture.Load());
        var width = certificate.Styles.Max(row => row.Name.Length);
        Console.Out.WriteLine($"{"kind or style".PadRight(width)}  responses  right  precision  recall");
        foreach (var row in certificate.Kinds.Concat(certificate.Styles).Append(certificate.All))
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name.PadRight(width)}  {row.Responses,9}  {row.Right,5}  {row.Precision,9:F3}  {row.Recall,6:F3}"));
        }

        foreach (var miss in certificate.Misses)
        {
            Console.Out.WriteLine($"missed: {miss.Case.Style}: found '{miss.Answer ?? "nothing"}', not '{miss.Case.Found ?? "nothing"}'");
        }

        var paper = certificate.Paper;
        Console.Out.WriteLine($"of {paper.Sum(row => row.Responses)} multiple-choice responses the first capital letter tells "
            + $"{paper.Sum(row => row.FirstCapital)} rightly, AGIEval's program {paper.Sum(row => row.AgiEval)}");
        Console.Out.WriteLine($"certificate {certificate.Hash}");
        return ExitCodes.Done;
    }
}
