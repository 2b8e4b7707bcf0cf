using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Tests;

/// <summary>Lessons for tests.</summary>
internal static class Lessons
{
    /// <summary>A lesson of given lengths whose tokens are seeded noise over the vocabulary.</summary>
    public static Lesson Of(int prompt, int answer, int seed = 0, float weight = 1, string collection = "reasoning", int vocabulary = 50)
    {
        var random = new Random(seed);
        return new Lesson
        {
            RequestId = $"request-{seed}",
            Stage = "expert",
            Collection = collection,
            Task = "task",
            PromptTokens = [.. Enumerable.Range(0, prompt).Select(_ => random.Next(vocabulary))],
            AnswerTokens = [.. Enumerable.Range(0, answer).Select(_ => random.Next(vocabulary))],
            Weight = weight,
        };
    }

    /// <summary>A lesson of practice, likewise.</summary>
    public static Lesson Practice(int prompt, int hinted, int answer, int seed = 0, float weight = 1, int vocabulary = 50) =>
        Of(prompt, answer, seed, weight, "practice", vocabulary) with
        {
            HintedPromptTokens = Of(hinted, 1, seed + 1_000, vocabulary: vocabulary).PromptTokens,
        };

    /// <summary>Lessons of random lengths, two tokens or longer each.</summary>
    public static IEnumerable<Lesson> Stream(int seed, int shortest, int longest, int vocabulary = 50)
    {
        var random = new Random(seed);
        for (var i = 0; ; i++)
        {
            var length = random.Next(shortest, longest + 1);
            var prompt = random.Next(1, length);
            yield return Of(
                prompt, length - prompt, (seed * 1_000_000) + i, collection: i % 3 == 0 ? "cot" : "reasoning", vocabulary: vocabulary);
        }
    }
}
