using Orca.Streams.Curricula.Lessons;
using Orca.Training.Packing;

namespace Orca.Training.Tests.Practice;

/// <summary>How a lesson of practice is packed: as it was said, and beside it with the hint.</summary>
public sealed class HintedRowsTests
{
    private static readonly PackingOptions Options = new(RowLength: 12, Rows: 2, VocabularySize: 50);

    [Fact]
    public void The_own_answer_stands_behind_both_prompts_and_bears_no_loss_of_teaching()
    {
        var lesson = Lessons.Practice(2, 5, 3, seed: 1, weight: 0.5f);

        var batch = PackedBatch.Of([[Lessons.Of(2, 2, seed: 2), lesson]], 12);

        var hinted = Assert.Single(batch.Hints).Rows;
        Assert.Equal([.. lesson.HintedPromptTokens, .. lesson.AnswerTokens], hinted.Tokens[..8].Select(token => (int)token));
        Assert.Equal([0L, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0], hinted.Positions);
        Assert.Equal([1L, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0], hinted.Segments);
        Assert.Equal([4L, 5, 6], hinted.Targets().Predictors);
        Assert.Equal([5L, 6, 7], batch.PracticeTargets().Predictors);
        Assert.Equal([0.5f, 0.5f, 0.5f], batch.PracticeTargets().Weights);
        Assert.Equal([1L, 2], batch.Targets().Predictors);
        Assert.Equal((2, 3, 9, 1.5), (batch.TeacherTokens, batch.PracticeTokens, batch.TokenCount, batch.TotalPracticeWeight));
    }

    [Fact]
    public void Hinted_rows_are_as_long_as_the_others_and_no_more_at_a_time_than_those()
    {
        var lessons = Enumerable.Range(0, 6).Select(seed => Lessons.Practice(1, 4, 2, seed)).ToList();

        var batch = PackedBatch.Of([lessons[..3], lessons[3..]], 12);

        Assert.Equal([2, 1], batch.Hints.Select(hints => hints.Rows.Rows));
        Assert.All(batch.Hints, hints => Assert.Equal(12, hints.Rows.RowLength));
        Assert.Equal(Enumerable.Range(0, 6), batch.Hints.SelectMany(hints => hints.Lessons).Order());
        Assert.All(batch.Hints.SelectMany(hints => hints.Lessons.Zip(hints.Rows.Packed)), pair =>
        {
            Assert.Equal(batch.Packed[pair.First].AnswerTokens, pair.Second.AnswerTokens);
            Assert.Equal(batch.Packed[pair.First].HintedPromptTokens, pair.Second.PromptTokens);
        });
    }

    [Fact]
    public void Where_no_lesson_is_of_practice_nothing_is_hinted()
    {
        var batch = PackedBatch.Of([[Lessons.Of(2, 3)]], 12);

        Assert.Empty(batch.Hints);
        Assert.Empty(batch.PracticeWeights);
        Assert.Equal((0, 0.0), (batch.PracticeTokens, batch.TotalPracticeWeight));
    }

    [Fact]
    public void What_cannot_be_practised_is_refused()
    {
        var packer = new LessonPacker(Options);
        var lesson = Lessons.Practice(2, 5, 3);

        Assert.Equal(LessonRefusal.NoAnswer, packer.Offer(lesson with { AnswerTokens = [] }));
        Assert.Equal(LessonRefusal.TooLong, packer.Offer(Lessons.Practice(2, 10, 3)));
        Assert.Equal(LessonRefusal.UnknownToken, packer.Offer(lesson with { HintedPromptTokens = [3, 50] }));
        Assert.Null(packer.Offer(lesson));
    }

    [Fact]
    public void It_waits_over_a_restart_and_lessons_saved_before_there_was_practice_are_none_of_it()
    {
        var packer = new LessonPacker(Options);
        packer.Offer(Lessons.Practice(2, 5, 3));
        packer.Offer(Lessons.Of(2, 3));

        var json = packer.State.ToJson();
        var (practice, other) = Two(PackerState.FromJson(json));
        var (_, before) = Two(PackerState.FromJson(
            [.. System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(json).Replace(",\"hintedPromptTokens\":[]", ""))]));

        Assert.Equal(packer.State.Waiting[0].HintedPromptTokens, practice.HintedPromptTokens);
        Assert.Equal((true, false, false), (practice.IsPractice, other.IsPractice, before.IsPractice));

        static (Lesson First, Lesson Second) Two(PackerState state) => (state.Waiting[0], state.Waiting[1]);
    }
}
