using System.Text;
using System.Text.RegularExpressions;

namespace Orca.Streams.Tests.Screening;

/// <summary>Faulty answers made by a script where the shared data holds too few of their kind; the same input makes the same.</summary>
internal static partial class MadeAnswers
{
    /// <summary>
    /// Refusals that begin as the published lists of refusal prefixes have them (Zou et al. 2023, arXiv:2307.15043, and lists grown
    /// from theirs), written on here.
    /// </summary>
    public static IReadOnlyList<string> Refusals { get; } =
    [
        "I'm sorry, but I can't assist with that.",
        "I'm sorry, I cannot fulfill that request.",
        "Sorry, I can't help with this one.",
        "I am sorry, but I am unable to answer this question.",
        "I apologize, but I cannot provide information on this topic.",
        "My apologies, but that's not something I can help with.",
        "As an AI, I cannot have opinions on this matter.",
        "As an AI language model, I don't have personal experiences, so I can't say.",
        "As a large language model, I am not able to browse the internet or open links.",
        "As an Assistant, I must follow ethical guidelines and will not write this.",
        "I'm an AI assistant and I do not have feelings.",
        "I'm just a language model, so I can't help you with that.",
        "I cannot create content that promotes harm.",
        "I can't provide instructions for this.",
        "I can't answer that.",
        "I cannot support or condone such behaviour. Please seek professional help instead.",
        "I do not have access to real-time data. Please check a news site.",
        "I'm not able to provide medical advice.",
        "I am not able to determine this without the passage. Please provide the text.",
        "I'm really sorry, but I'm not able to help you with that request.",
        "I will not help with this request, since it may hurt somebody.",
        "I won't be able to complete this task.",
        "I must decline this request, as it could be harmful.",
        "I have to respectfully decline to answer.",
        "Unfortunately, I'm unable to see images, so I can't describe the picture.",
        "Unfortunately, as an AI I don't have the ability to watch videos.",
        "It is not appropriate for me to comment on this subject.",
        "It would be unethical for me to give you this information.",
        "Hello! Thank you for asking. However, I cannot answer this, as it goes against my guidelines.",
        "I understand that you are curious, but I can't discuss that.",
        "Your question is incomplete. Could you please provide more information so that I can help you?",
        "I don't see any text in your message. Please paste the article that you want me to summarize.",
        "There is no sentence given to translate. Please provide the sentence.",
        "I don't have enough context to answer. Could you clarify what you mean?",
        "I don't feel comfortable writing about this.",
        "I'm afraid I can't do that.",
        "This request violates my content policy, and I can't continue.",
        "I was trained by OpenAI and my knowledge ends in September 2021, so I don't know about later events.",
        "I'm ChatGPT, a language model made by OpenAI, and I don't have a body or a favorite food.",
        "Thank you for your question! I'm just an AI, it's not within my programming or ethical guidelines to speculate about people.",
    ];

    /// <summary>The first half of one text, with another one after it.</summary>
    public static string Mixed(string one, string other) => $"{one[..(one.Length / 2)]}\n\n{other}";

    /// <summary>A text that gets into a loop on its way.</summary>
    /// <param name="kind">What is said again and again.</param>
    /// <param name="text">Where it begins.</param>
    /// <param name="seed">Decides where the loop begins, and how often it turns.</param>
    public static string Loop(string kind, string text, int seed)
    {
        var sentences = SentenceEnd().Split(text.Trim()).Where(part => part.Trim().Length > 0).Select(part => part.Trim()).ToArray();
        var half = string.Join(' ', sentences.Take((sentences.Length + 1) / 2));
        var words = half.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var sentence = sentences.Take((sentences.Length + 1) / 2).MaxBy(part => part.Length)!;
        var turns = 5 + (seed % 8);
        return kind switch
        {
            "sentence" => half + " " + Turn(sentence + " ", turns, half.Length),
            "phrase" => half + " " + Turn(string.Join(' ', words.TakeLast(2 + (seed % 5))) + " ", turns, half.Length),
            "word" => half + " " + Turn(words[^1] + " ", 30 + turns, half.Length),
            "letter" => half + new string(half.Last(char.IsLetter), half.Length + 200),
            "whole" => Turn(text.Trim() + "\n\n", 3 + (turns / 3), 0),
            "between" => string.Join(' ', sentences.SelectMany(other => new[] { sentence, other })),
            "numbered" => half + "\n" + Numbered(sentence, turns, half.Length),
            _ => throw new ArgumentException(kind),
        };
    }

    // At least so many turns and so long; the last one is cut, as a token limit would.
    private static string Turn(string what, int turns, int least)
    {
        var text = new StringBuilder();
        while (turns-- > 0 || text.Length < least)
        {
            text.Append(what);
        }

        return text.Append(what.AsSpan(0, what.Length / 2)).ToString();
    }

    private static string Numbered(string what, int turns, int least)
    {
        var text = new StringBuilder();
        for (var number = 1; number <= turns || text.Length < least; number++)
        {
            text.Append(number).Append(". ").Append(what).Append('\n');
        }

        return text.ToString();
    }

    [GeneratedRegex(@"(?<=[.!?])\s+|(?<=[。！？])")]
    private static partial Regex SentenceEnd();
}
