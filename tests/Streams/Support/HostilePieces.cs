namespace Orca.Streams.Tests.Support;

/// <summary>What hostile texts are put together from: what answers and questions are told by, and signs that readers trip over.</summary>
internal static class HostilePieces
{
    /// <summary>Words and mark-up by which an answer is stated, denied or listed.</summary>
    public static readonly string[] OfAnswers =
    [
        "the answer is ", "Answer:", "answer", "is", " ", "  ", "\n", "\n\n", "####", "(A)", "A)", "(", ")", "[", "]", "{", "}", "<", ">",
        "**", "*",
        "_", "`", "\"", "'", "’", "\\boxed{", "\\frac{", "\\text{", "\\", "$", "%", "<answer>", "</answer>", "\"answer\": \"", "not", "but",
        "yes",
        "No", "true", "very", "the", "Therefore, ", "So ", "because ", "rather than ", "I would say ", "fits best", "is the answer",
        "Options:", "- ",
        "1. ", "2) ", "7", "-", "−", ".", ",", ";", ":", "!", "?", "/", "=", "0.0000000000000000000000000001",
        "99999999999999999999999999999999",
        "1,000", "1,00", "Paris", "ant", "bee", "1e999", "-1E-400", "½", "٣", "²",
    ];

    /// <summary>Words by which a refusal, a language or a repetition is told.</summary>
    public static readonly string[] OfScreens =
    [
        "a", "I'm sorry, but ", "as an AI ", "please provide ", "cannot ", "thank you ", "translate ", "in French ", "שלום", "।", "中", "é",
        "ǅ", "ß", "İ",
        "ſ", "0", "3.3333", "|---", "| a |", "La la de. ", "User: ", "Assistant: ", "> ", "```", "<think>", "</think>", "le la les ",
        "der die das ",
    ];

    /// <summary>Signs: halves of pairs, combining and control characters, marks of direction, what is no character.</summary>
    public static readonly string[] Signs =
    [
        "\ud83d", "\ude00", "😀", "\ud840\udc00", "\ud800", "\udc00", "\0", "\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u200b",
        "\u200d", "\ufeff",
        "\u0301", "\u0489", "\u20dd", "\ufe0f", "\uffff", "\ufffe", "\u00a0", "\u2028", "\u2029", "\u0085", "\u001b", "\u0007", "\b", "\t",
        "\r", "\r\n",
        "\v", "\f", "\u00ad", "\u034f", "👩‍👩‍👧‍👦", "🇩🇪",
    ];

    /// <summary>All of them.</summary>
    public static readonly string[] All = [.. OfAnswers, .. OfScreens, .. Signs];

    /// <summary>What opens something, and what closes it.</summary>
    public static readonly (string Open, string Close)[] Pairs =
    [
        ("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("(A) (", ")"), ("<answer>", "</answer>"), ("<div>", "</div>"), ("\\frac{", "}{2}"),
        ("\\boxed{", "}"),
        ("\\text{", "}"), ("\\sqrt{", "}"), ("$", "$"), ("\\left(", "\\right)"), ("**", "**"), ("*", "*"), ("_", "_"), ("`", "`"), ("```\n",
        "\n```"),
        ("\"", "\""), ("“", "”"), ("'", "'"), ("{\"answer\": ", "}"), ("[{\"a\": [", "]}]"), ("> ", "\n"), ("- ", "\n"), ("<think>",
        "</think>"),
        ("\u2066", "\u2069"), ("not (", ")"), ("1/(", ")"),
    ];
}
