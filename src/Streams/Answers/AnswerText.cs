using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>What of a response is read for its answer: plain words, without thoughts, and nothing where it refuses or breaks off.</summary>
internal static partial class AnswerText
{
    private const int LongestRefusal = 600;
    private const int LongestEnd = 100;

    /// <summary>The text to be read; empty where the response gives no answer.</summary>
    public static string Of(string response, AnswerKind kind)
    {
        var text = Markup.Plain(Reasoning.Removed(response)).Trim();
        return kind == AnswerKind.FreeText || !(BreaksOff(text) || Refuses(text)) ? text : "";
    }

    // "So the answer is (": whatever was named before it is no answer, unless it was stated.
    private static bool BreaksOff(string text)
    {
        var line = Math.Max(text.LastIndexOf('\n') + 1, text.Length - LongestEnd);
        var cut = CutOff().Match(text[line..]);
        return cut.Success && Statement.LastIn(text[..(line + cut.Index)]) is null;
    }

    // One that says more, "… but (B) fits", may answer after all.
    private static bool Refuses(string text) =>
        text.Length <= LongestRefusal && Refusal().Match(text) is { Success: true } refusal
        && !However().IsMatch(text[refusal.Length..]) && Statement.LastIn(text) is null;

    [GeneratedRegex(
        """
        (?: (?:\b(?:answer|option|choice|result)\s{1,3}(?:is|was|would\s{1,3}be|must\s{1,3}be)|^[*_\#\s]{0,6}(?:final\s{1,3})?answer[*_]{0,3}:)
            (?:\s{1,3}(?:the|option|choice))?[\s:*_("“$]{0,6}
          | \\boxed\{[^{}]{0,60}
          | \#\#\#\#\s{0,3}
        )$
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CutOff();

    [GeneratedRegex(
        """
        ^(?: (?:(?:I['’]m|I\sam)\s(?:\w{1,10}\s)?(?:sorry|afraid)|sorry|unfortunately|I\sapologi[sz]e|my\sapologies|as\san\sAI)\b[^\n]{0,200}?
             \b(?:I(?:\s(?:cannot|can['’]t|can\snot|will\snot|won['’]t|do\snot|don['’]t)|['’]m\s(?:unable|not\sable)|\sam\s(?:unable|not\sable)))\b
           | I\s(?:cannot|can['’]t|can\snot|will\snot|won['’]t)\s
             (?:help|answer|assist|provide|determine|tell|say|comply|give|choose|decide|do\sthat|solve)\b
           | I(?:['’]m|\sam)\s(?:unable|not\sable)\sto\b
           | I\s(?:do\snot|don['’]t)\s(?:know|have\s(?:enough|access))\b
        )
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"\b(?:but|however|though|still|yet|I would|I['’]d|guess)\b", RegexOptions.IgnoreCase)]
    private static partial Regex However();
}
