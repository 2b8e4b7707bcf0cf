using System.Text.RegularExpressions;

namespace Orca.Evaluation.Protocols;

/// <summary>
/// How the Orca paper (arXiv 2306.02707, §5 and §6) and AGIEval's own program find a letter in a response. Kept to show what they make of
/// explanations: "Answer: C" is an A to both, "Based on …" a B.
/// </summary>
public static partial class PaperRule
{
    /// <summary>The first capital letter of a response, as the paper says; null for none.</summary>
    public static string? FirstCapital(string response) =>
        response.FirstOrDefault(char.IsAsciiLetterUpper) is not '\0' and var letter ? letter.ToString() : null;

    /// <summary>What AGIEval's program finds: the letter behind "answer is", else the first of A to F; null for none.</summary>
    public static string? AgiEval(string response) =>
        AnswerIs().Match(response) is { Success: true } stated ? stated.Groups[1].Value
        : response.FirstOrDefault(letter => letter is >= 'A' and <= 'F') is not '\0' and var first ? first.ToString()
        : null;

    [GeneratedRegex("answer is .*?([A-G])")]
    private static partial Regex AnswerIs();
}
