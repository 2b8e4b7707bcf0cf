using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Training.Tests.Packing;

/// <summary>Lessons of questions as a run draws them, each with its own explanation or, where it has none, its right answer.</summary>
internal static class RealLessons
{
    /// <summary>Chain of thought of FLAN v2, Natural Instructions and rows in Alpaca's form, each as often as the others.</summary>
    public static IEnumerable<string> RealSources =>
    [
        $"flan-cot:{SharedData.Require("flan_v2/cot_data")}",
        $"natural-instructions:{SharedData.Require("natural_instructions/tasks")}",
        $"jsonl:{SharedData.Require("traces/alpaca_en_demo.json")}",
    ];

    /// <summary>So many of them, or as many as there are.</summary>
    public static async Task<List<Lesson>> OfAsync(
        IEnumerable<string> sources, ITokenizer tokenizer, PromptTemplate template, int count)
    {
        var encoder = new TemplateLessonEncoder(template, tokenizer);
        var messages = new SystemMessages(SystemMessages.BuiltIn, seed: 1);
        await using var sampler = new TaskSampler(
            [.. sources.SelectMany(source => TaskSpec.Of(source).Open())], new SamplerOptions { Seed = 1 });
        var lessons = new List<Lesson>();
        while (lessons.Count < count && await sampler.NextAsync(Mixture.Even, TestContext.Current.CancellationToken) is { } query)
        {
            if ((query.Explanation ?? query.GoldAnswers.FirstOrDefault()) is { } answer)
            {
                var (prompt, taught) = encoder.Encode(messages.Choose(query, "expert").Text, query.Prompt, answer);
                lessons.Add(new Lesson
                {
                    RequestId = query.Id,
                    Stage = "expert",
                    Collection = query.Collection,
                    Task = query.Task,
                    PromptTokens = prompt,
                    AnswerTokens = taught,
                });
            }
        }

        return lessons;
    }
}
