using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Tests.Reasoning;

public sealed class ReasoningTasksTests
{
    private static readonly IProgress<SourceFault> NoFaults = new Progress<SourceFault>(fault => Assert.Fail(fault.Message));

    private static async Task<List<TaskQuery>> Read(ReasoningTasks tasks, long skip, int count)
    {
        var questions = new List<TaskQuery>();
        await foreach (var question in tasks.ReadAsync(skip, NoFaults, CancellationToken.None))
        {
            questions.Add(question);
            if (questions.Count == count)
            {
                break;
            }
        }

        return questions;
    }

    [Fact]
    public void Training_never_gives_a_held_out_question_in_100_000()
    {
        var tasks = new ReasoningTasks(3);
        Parallel.For(0, 100_000, index => Assert.False(ReasoningTasks.IsHeldOut(tasks.At(index).Prompt)));
    }

    [Fact]
    public void Held_out_questions_are_distinct_of_all_difficulties_and_kept_from_training()
    {
        foreach (var family in ReasoningFamilies.All)
        {
            var questions = ReasoningTasks.HeldOut(family.Name, 200, seed: 9);
            Assert.Equal(200, questions.Length);
            Assert.Distinct(questions.Select(question => question.Prompt));
            Assert.All(questions, question => Assert.True(ReasoningTasks.IsHeldOut(question.Prompt)));
            Assert.All(questions, question => Assert.Equal(family.Name, question.Task));
            Assert.All(questions.CountBy(question => question.Difficulty!.Value), group => Assert.InRange(group.Value, 20, 70));
            Assert.Equal(4, questions.CountBy(question => question.Difficulty!.Value).Count());
        }
    }

    [Fact]
    public void A_tenth_of_all_prompts_is_held_out()
    {
        var share = Enumerable.Range(0, 20_000).Count(i => ReasoningTasks.IsHeldOut($"prompt {i}")) / 20_000.0;
        Assert.InRange(share, 0.09, 0.115);
    }

    [Fact]
    public async Task Reading_twice_gives_the_same_and_skipping_goes_on_exactly()
    {
        var all = await Read(new ReasoningTasks(11), 0, 300);
        Assert.Equal(all.Select(q => q.Id), (await Read(new ReasoningTasks(11), 0, 300)).Select(q => q.Id));
        Assert.Equal(all.Skip(137).Select(q => q.Id), (await Read(new ReasoningTasks(11), 137, 163)).Select(q => q.Id));
        Assert.NotEqual(all.Select(q => q.Id), (await Read(new ReasoningTasks(12), 0, 300)).Select(q => q.Id));
        Assert.Equal(ReasoningFamilies.All[0].Name, (await Read(new ReasoningTasks(11), 15_000_000_000, 1))[0].Task);
    }

    [Fact]
    public async Task All_families_and_difficulties_are_mixed_from_the_first_question_on()
    {
        var questions = await Read(new ReasoningTasks(1), 0, 600);
        Assert.Equal(ReasoningFamilies.All.Length, questions.Take(15).DistinctBy(question => question.Task).Count());
        Assert.All(questions.CountBy(question => question.Difficulty!.Value), group => Assert.InRange(group.Value, 110, 190));
    }

    [Fact]
    public async Task A_question_carries_its_solution_chance_and_content_hash()
    {
        foreach (var question in await Read(new ReasoningTasks(1), 0, 60))
        {
            Assert.Equal("reasoning", question.Collection);
            Assert.Equal(TaskQuery.IdOf("reasoning", question.Task, question.Prompt, question.GoldAnswers[0]), question.Id);
            Assert.Equal(ReasoningFamilies.Named(question.Task).ChanceAt(question.Difficulty!.Value), question.Chance);
            Assert.True(AnswerMatch.IsRight(question.Explanation!, question.Expected));
            Assert.Null(question.SystemMessage);
        }
    }

    [Fact]
    public async Task Families_can_be_named()
    {
        var questions = await Read(new ReasoningTasks(1, ["navigate", "word_sorting", "navigate"]), 0, 40);
        Assert.Equal(["navigate", "word_sorting"], questions.Select(question => question.Task).Distinct());
    }

    [Fact]
    public void An_unknown_family_is_named_beside_those_there_are()
    {
        var fault = Assert.Throws<TaskFormatException>(() => new ReasoningTasks(1, ["sudoku"]));
        Assert.Contains("'sudoku'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("navigate", fault.Message, StringComparison.Ordinal);
        Assert.Throws<TaskFormatException>(() => new ReasoningTasks(1, []));
        Assert.Throws<TaskFormatException>(() => ReasoningTasks.HeldOut("sudoku", 1, 1));
    }

    [Fact]
    public async Task Reading_ends_when_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new ReasoningTasks(1).ReadAsync(0, NoFaults, cancellation.Token))
            {
                Assert.Fail("read on after cancellation");
            }
        });
    }

    [Fact]
    public void The_corpus_holds_prompts_and_explanations_of_all_families_but_nothing_held_out()
    {
        var texts = ReasoningTasks.Corpus(20, seed: 4).ToArray();
        Assert.Equal(20 * ReasoningFamilies.All.Length * 2, texts.Length);
        Assert.Equal(texts.Length / 2, texts.Count(text => text.Contains("So the answer is", StringComparison.Ordinal)));
        Assert.DoesNotContain(texts.Where((_, i) => i % 2 == 0), ReasoningTasks.IsHeldOut);
    }
}
