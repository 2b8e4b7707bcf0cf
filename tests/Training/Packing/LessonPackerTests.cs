using Orca.Streams.Curricula;
using Orca.Training.Packing;

namespace Orca.Training.Tests.Packing;

public sealed class LessonPackerTests
{
    private static readonly PackingOptions Options = new(RowLength: 16, Rows: 4, VocabularySize: 50, Lookahead: 4);

    [Fact]
    public void Rows_reset_positions_and_number_the_segments()
    {
        var batch = PackedBatch.Of([[Lessons.Of(2, 3), Lessons.Of(1, 2)]], rowLength: 10);

        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 0, 0], batch.Positions);
        Assert.Equal([1, 1, 1, 1, 1, 2, 2, 2, 0, 0], batch.Segments);
        Assert.Equal([0, 0, 1, 1, 1, 0, 1, 1, 0, 0], batch.Weights);
    }

    [Fact]
    public void Targets_are_the_answers_alone_each_predicted_by_the_token_before_it()
    {
        var (first, second) = (Lessons.Of(2, 3, seed: 1), Lessons.Of(1, 2, seed: 2, weight: 0.5f));
        var targets = PackedBatch.Of([[first], [second]], rowLength: 8).Targets();

        Assert.Equal([1L, 2, 3, 8, 9], targets.Predictors);
        Assert.Equal(
            [.. first.AnswerTokens.Select(token => (long)token), .. second.AnswerTokens.Select(token => (long)token)], targets.Tokens);
        Assert.Equal([1f, 1, 1, 0.5f, 0.5f], targets.Weights);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_answer_token_bears_loss_exactly_once_and_no_target_crosses_a_boundary(int seed)
    {
        var packer = new LessonPacker(Options);
        var offered = Lessons.Stream(seed, 2, 16).Take(200).ToList();
        offered.ForEach(lesson => Assert.Null(packer.Offer(lesson)));

        var learned = new List<long>();
        while (packer.Pack(4) is { } batch)
        {
            var targets = batch.Targets();
            learned.AddRange(targets.Tokens);
            foreach (var predictor in targets.Predictors)
            {
                Assert.NotEqual(batch.RowLength - 1, predictor % batch.RowLength);
                Assert.Equal(batch.Segments[(int)predictor], batch.Segments[(int)predictor + 1]);
                Assert.Equal(batch.Positions[(int)predictor] + 1, batch.Positions[(int)predictor + 1]);
            }
        }

        Assert.Equal(offered.SelectMany(lesson => lesson.AnswerTokens).Select(token => (long)token).Order(), learned.Order());
    }

    [Fact]
    public void A_lesson_that_cannot_be_learned_is_refused_with_its_reason_and_counted()
    {
        var packer = new LessonPacker(Options);

        Assert.Equal(LessonRefusal.TooLong, packer.Offer(Lessons.Of(10, 7)));
        Assert.Equal(LessonRefusal.TooLong, packer.Offer(Lessons.Of(10, 70)));
        Assert.Equal(LessonRefusal.NoPrompt, packer.Offer(Lessons.Of(0, 7)));
        Assert.Equal(LessonRefusal.NoAnswer, packer.Offer(Lessons.Of(7, 0)));
        Assert.Equal(LessonRefusal.NoWeight, packer.Offer(Lessons.Of(2, 2, weight: 0)));
        Assert.Equal(LessonRefusal.NoWeight, packer.Offer(Lessons.Of(2, 2, weight: float.NaN)));
        Assert.Equal(LessonRefusal.UnknownToken, packer.Offer(Lessons.Of(2, 2) with { AnswerTokens = [3, 50] }));
        Assert.Equal(LessonRefusal.UnknownToken, packer.Offer(Lessons.Of(2, 2) with { PromptTokens = [-1] }));
        Assert.Null(packer.Offer(Lessons.Of(10, 6)));

        Assert.Equal(9, packer.Taken);
        Assert.Equal(2, packer.Refused[LessonRefusal.TooLong]);
        Assert.Equal(16, packer.WaitingTokens);
    }

    [Fact]
    public void The_lesson_that_has_waited_longest_is_in_the_next_row()
    {
        var packer = new LessonPacker(Options);
        foreach (var lesson in Lessons.Stream(4, 2, 16).Take(30))
        {
            packer.Offer(lesson);
        }

        while (!packer.IsEmpty)
        {
            var oldest = packer.State.Waiting[0];
            var batch = packer.Pack(1)!;
            Assert.Equal(oldest.PromptTokens.Concat(oldest.AnswerTokens).Select(token => (long)token), batch.Tokens.Take(oldest.Length));
        }
    }

    [Fact]
    public void It_is_ready_once_the_window_is_full_and_never_holds_more_than_a_lesson_beyond_it()
    {
        var packer = new LessonPacker(Options);
        using var lessons = Lessons.Stream(5, 2, 16).GetEnumerator();
        for (var step = 0; step < 50; step++)
        {
            while (!packer.IsReady && lessons.MoveNext())
            {
                packer.Offer(lessons.Current);
            }

            Assert.InRange(packer.WaitingTokens, 128, 128 + 16);
            Assert.Equal(4, packer.Pack(4)!.Rows);
        }
    }

    [Fact]
    public void Rows_are_filled_to_99_percent_where_lessons_are_an_eighth_to_a_half_of_a_row()
    {
        var packer = new LessonPacker(new PackingOptions(RowLength: 256, Rows: 16, VocabularySize: 50));
        var (tokens, places) = (0L, 0L);
        using var lessons = Lessons.Stream(6, 32, 128).GetEnumerator();
        for (var step = 0; step < 50; step++)
        {
            while (!packer.IsReady && lessons.MoveNext())
            {
                packer.Offer(lessons.Current);
            }

            var batch = packer.Pack(16)!;
            tokens += batch.TokenCount;
            places += batch.Tokens.Length;
        }

        Assert.InRange((double)tokens / places, 0.99, 1);
    }

    [Fact]
    public void A_packer_restored_from_its_state_packs_the_same_rows()
    {
        var packer = new LessonPacker(Options);
        packer.Offer(Lessons.Of(20, 20));
        foreach (var lesson in Lessons.Stream(7, 2, 16).Take(40))
        {
            packer.Offer(lesson with { Weight = 0.1f });
        }

        packer.Pack(2);
        var restored = new LessonPacker(Options, PackerState.FromJson(packer.State.ToJson()));

        Assert.Equal(packer.Taken, restored.Taken);
        Assert.Equal(packer.Refused, restored.Refused);
        while (packer.Pack(3) is { } expected)
        {
            var found = restored.Pack(3)!;
            Assert.Equal(expected.Tokens, found.Tokens);
            Assert.Equal(expected.Weights, found.Weights);
            Assert.Equal(expected.Collections, found.Collections);
        }

        Assert.True(restored.IsEmpty);
    }

    [Fact]
    public void Ready_it_is_only_once_a_lesson_was_offered_since_the_last_step_also_when_it_goes_on()
    {
        var packer = new LessonPacker(new PackingOptions(RowLength: 10, Rows: 1, VocabularySize: 50, Lookahead: 0));
        for (var seed = 0; seed < 4; seed++)
        {
            packer.Offer(Lessons.Of(4, 4, seed));
        }

        packer.Pack(1);
        Assert.False(packer.IsReady);
        Assert.True(packer.WaitingTokens > 10);

        packer.Offer(Lessons.Of(4, 4, 9));
        Assert.True(packer.IsReady);
        Assert.True(new LessonPacker(
            new PackingOptions(RowLength: 10, Rows: 1, VocabularySize: 50, Lookahead: 0),
            PackerState.FromJson(packer.State.ToJson())).IsReady);
    }

    [Fact]
    public void Counts_tell_lessons_and_tokens_by_collection()
    {
        var batch = PackedBatch.Of([[Lessons.Of(2, 3), Lessons.Of(1, 2, collection: "cot")], [Lessons.Of(4, 4)]], rowLength: 10);

        Assert.Equal(new LessonCount(2, 13, 7), batch.Collections["reasoning"]);
        Assert.Equal(new LessonCount(1, 3, 2), batch.Collections["cot"]);
        Assert.Equal((3, 16, 9), (batch.Lessons, batch.TokenCount, batch.TeacherTokens));
        Assert.Equal(9, batch.TotalWeight);
    }
}
