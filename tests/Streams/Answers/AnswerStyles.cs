using Orca.Streams.Answers;

namespace Orca.Streams.Tests.Answers;

/// <summary>The forms in which teachers give an answer.</summary>
internal static class AnswerStyles
{
    private const string Filler = "There are 3 things to look at here. The second of them settles it, as the text says.";

    private static readonly (string Name, Func<string, string, string, string> Write)[] All =
    [
        ("bare", (x, _, _) => x),
        ("sentence", (x, _, _) => $"{x}."),
        ("the answer is:", (x, _, _) => $"The answer is: {x}"),
        ("the answer is.", (x, _, _) => $"The answer is {x}."),
        ("explained, so", (x, why, _) => $"{why} So the answer is {x}."),
        ("bold", (x, _, _) => $"**{x}**"),
        ("because", (x, why, _) => $"{x}. Because {Lower(why)}"),
        ("answer, explanation", (x, why, _) => $"Answer: {x}\n\nExplanation: {why}"),
        ("bold answer", (x, why, _) => $"**Answer:** {x}\n\n{why}"),
        ("based on", (x, _, _) => $"Based on what is said, {x} is the correct answer."),
        ("boxed", (x, why, _) => $"{why}\n\n$\\boxed{{{x}}}$"),
        ("boxed text", (x, why, _) => $"{why} The final answer is \\boxed{{\\text{{{x}}}}}."),
        ("final answer", (x, why, _) => $"{why}\n\nFinal answer: {x}"),
        ("bold at the end", (x, why, _) => $"{why} Therefore, the correct answer is **{x}**."),
        ("gsm", (x, why, _) => $"Let's think step by step. {why}\n#### {x}"),
        ("i think", (x, why, _) => $"I think the answer is {x}, because {Lower(why)}"),
        ("tag", (x, why, _) => $"{why}\n\n<answer>{x}</answer>"),
        ("json", (x, _, _) => $"{{\"answer\": \"{x}\"}}"),
        ("line first", (x, why, _) => $"{x}\n\n{why}"),
        ("steps", (x, why, _) => $"Step 1: {why}\nStep 2: Therefore, {x}."),
        ("tempted", (x, why, y) => $"{why} One may think of {y}, but the answer is {x}."),
        ("conclusion", (x, why, _) => $"{why} In conclusion, {x}."),
        ("quoted", (x, _, _) => $"Based on the text, the answer would be \"{x}\"."),
        ("colon", (x, why, _) => $"The correct answer is {x}: {Lower(why)}"),
        ("thus bold", (x, why, _) => $"{why} Thus, **{x}**."),
        ("it is", (x, _, _) => $"It is {x}."),
        ("makes it", (x, why, _) => $"{why} That makes it {x}."),
        ("i would say", (x, why, _) => $"I would say {x}, since {Lower(why)}"),
        ("points to", (x, why, _) => $"{x} is what all this points to. {why}"),
        ("fits best", (x, why, _) => $"Looking at the whole, {x} fits best. {why}"),
        ("sure", (x, _, _) => $"Sure! {x}"),
        ("here it is", (x, _, _) => $"Sure, here it is:\n\n{x}"),
        ("output", (x, _, _) => $"Output: {x}"),
        ("label", (x, why, _) => $"**Label:** {x}\n**Reason:** {why}"),
        ("rather", (x, why, y) => $"{why} So it is not {y} but {x}."),
        ("rather 2", (x, why, y) => $"{why} So it is {x} rather than {y}."),
        ("sums up", (x, why, _) => $"{why}\n\nIn short: {x}"),
        ("steps to answer", (x, why, _) => $"**Step 1:** Read what is asked.\n\n**Step 2:** {why}\n\n**Step 3:** State the result.\n\n**Answer: {x}**"),
        ("let me", (x, why, _) => $"Let me think. {why} I conclude that {x} is right."),
        ("final choice", (x, why, _) => $"After considering everything, my final choice: {x}\n\n{why}"),
        ("accordingly", (x, why, _) => $"{why} Accordingly the response should be {x}."),
        ("must be correct", (x, why, _) => $"{why} Given the above, {x} must be correct."),
        ("quote", (x, why, _) => $"> {x}\n\n{why}"),
        ("my response", (x, why, _) => $"My response: {x}\n\nI chose this since {Lower(why)}"),
        ("it has to be", (x, why, _) => $"It has to be {x}; {Lower(why)}"),
        ("question", (x, why, _) => $"The right one here? {x}. {why}"),
        ("we arrive at", (x, why, _) => $"{why} Putting this together, we arrive at {x}."),
        ("headed", (x, why, _) => $"**Explanation:** {why}\n\n**Final Answer:** {x}"),
    ];

    // Written down once, and never looked at to mend the comparison.
    private static readonly (string Name, Func<string, string, string, string> Write)[] Unseen =
    [
        ("evidence", (x, why, _) => $"The evidence favours {x}. {why}"),
        ("end with", (x, why, _) => $"{why} Hence we end with {x}"),
        ("in my view", (x, why, _) => $"In my view it's {x}, as {Lower(why)}"),
        ("dash", (x, why, _) => $"{x} – {Lower(why)}"),
        ("my pick", (x, why, _) => $"My pick is {x}.\n\n{why}"),
        ("result would be", (x, why, _) => $"{why}\n\nSo the final result would be: **{x}**"),
        ("seems right", (x, why, _) => $"Considering it carefully, {x} seems right. {why}"),
        ("arrow", (x, why, _) => $"{why}\n\n→ {x}"),
    ];

    public static int Count => All.Length;

    /// <summary>An answer in a style that the comparison was never mended by.</summary>
    public static (string Name, string Response) WriteUnseen(int style, string answer, string? why, string other)
    {
        var (name, write) = Unseen[style % Unseen.Length];
        return (name, write(answer, string.IsNullOrWhiteSpace(why) ? Filler : why, other));
    }

    /// <summary>An answer in one of the styles.</summary>
    /// <param name="style">Which, from 0.</param>
    /// <param name="answer">What is answered.</param>
    /// <param name="why">The explanation; null for one that says nothing.</param>
    /// <param name="other">An answer that is considered and left.</param>
    public static (string Name, string Response) Write(int style, string answer, string? why, string other)
    {
        var (name, write) = All[style % All.Length];
        var isBoxable = answer.IndexOfAny(['{', '}']) < 0;
        return name.StartsWith("boxed", StringComparison.Ordinal) && !isBoxable
            ? Write(style + 2, answer, why, other)
            : (name, write(answer, string.IsNullOrWhiteSpace(why) ? Filler : why, other));
    }

    /// <summary>How an answer may be written: an option with or without brackets, yes as true.</summary>
    public static string Spell(string answer, AnswerKind kind, string prompt, int choice)
    {
        if (kind == AnswerKind.YesNo && YesNoAnswer.Of(answer) is { } affirms)
        {
            return (choice % 5) switch
            {
                0 => affirms ? "true" : "false",
                1 => affirms ? "Yes" : "No",
                2 when answer is "valid" or "plausible" => affirms ? answer : $"not {answer}",
                _ => answer,
            };
        }

        var bare = answer.Trim('(', ')');
        if (kind != AnswerKind.MultipleChoice || bare.Length != 1)
        {
            return answer;
        }

        var text = OptionList.Of(prompt).FirstOrDefault(option => option.Letter == bare[0])?.Text;
        return (choice % 4) switch
        {
            0 => bare,
            1 when text is not null => $"({bare}) {text.TrimEnd('.')}",
            2 when text is not null => text.TrimEnd('.'),
            _ => $"({bare})",
        };
    }

    private static string Lower(string text) => text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];
}
