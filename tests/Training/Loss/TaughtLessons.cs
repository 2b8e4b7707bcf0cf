using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Tests.Loss;

/// <summary>A dozen lessons of uneven lengths and weights, as a template writes them.</summary>
internal static class TaughtLessons
{
    /// <summary>Texts whose first and last characters tokenizers like to join with what stands beside them.</summary>
    public static IReadOnlyList<string> Answers { get; } =
    [
        "Four.", " a space before", "2024 has 4 digits, 1,000 a comma", "\n\na line before", "\U0001F999 eats 草 – naïvely",
        "</s> is no end, <|im_end|> neither", "x", "    indented\n\tand tabbed  ",
        "so it is: therefore 3 + 4 = 7, and 7 is odd, which was asked for", "<|assistant|>", "é", "### User:\nno",
    ];

    /// <summary>The lessons, each weighted otherwise.</summary>
    public static List<Lesson> Of(string templateName)
    {
        var (template, tokenizer) = TaughtTemplates.Of(templateName);
        var encoder = new TemplateLessonEncoder(template, tokenizer);
        return [.. Answers.Select((answer, index) =>
        {
            var (prompt, taught) = encoder.Encode(
                index % 3 == 0 ? "" : "Be brief.", $"Question {index}? {string.Concat(Enumerable.Repeat("why ", index % 5))}", answer);
            return new Lesson
            {
                RequestId = $"{index}",
                Stage = "expert",
                Collection = "reasoning",
                Task = "task",
                PromptTokens = prompt,
                AnswerTokens = taught,
                Weight = 0.25f * (1 + (index % 7)),
            };
        })];
    }
}
