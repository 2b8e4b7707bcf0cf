using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Tests.Reasoning;

/// <summary>The examination stays what it is, whatever is done to how questions are explained or in which order they are taught.</summary>
public sealed class HeldOutQuestionsTests
{
    [Theory]
    [InlineData(1, "7cc48536b52931c025d77700ac74e7b7")]
    [InlineData(2, "17a1eee137f460f5c4972dfc3b550066")]
    [InlineData(3, "77ba2ae22b19d4fd7bab50ec9fcde6a6")]
    public void The_questions_of_an_examination_are_the_same_as_ever(long seed, string expected)
    {
        var text = new StringBuilder();
        foreach (var question in ReasoningFamilies.All.SelectMany(family => ReasoningTasks.HeldOut(family.Name, 100, seed)))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{question.Task}|{question.Difficulty}|{question.Chance:R}|{question.AnswerKind}|{question.Prompt}|{question.GoldAnswers[0]}\n");
        }

        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32]);
    }
}
