using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class ScoreTests
{
    private static readonly TaskMarks Four = Marks.Of("four", 1, 0, 1, 1);
    private static readonly TaskMarks Two = Marks.Of("two", 0, 0);

    [Theory]
    // Variances of the mean: 1/16 for the one task, 0 for the other; the means themselves differ by 3/4.
    [InlineData(Weighting.EqualTasks, Sampling.Items, 0.375, 0.125)]
    [InlineData(Weighting.EqualItems, Sampling.Items, 0.5, 1 / 6.0)]
    [InlineData(Weighting.EqualTasks, Sampling.TasksAndItems, 0.375, 0.375)]
    // Residuals of the ratio: 2/3 of 1/4 and 1/3 of -1/2.
    [InlineData(Weighting.EqualItems, Sampling.TasksAndItems, 0.5, 1 / 3.0)]
    public void Means_and_their_errors_by_hand(Weighting weighting, Sampling sampling, double value, double error)
    {
        var score = Score.Of([Four, Two], weighting, sampling);
        Assert.Equal(value, score.Value, 1e-12);
        Assert.Equal(error, score.StandardError, 1e-12);
        Assert.True(score.Interval.Contains(value));
    }

    [Fact]
    public void One_task_of_many_items_has_Wilsons_interval()
    {
        var (score, wilson) = (Score.Of([TaskSummary.OfCounts("a", 300, 1000)]).Interval, Interval.Wilson(300, 1000));
        Assert.Equal(wilson.Low, score.Low, 2e-4);
        Assert.Equal(wilson.High, score.High, 2e-4);
    }

    [Fact]
    public void Counts_say_the_same_as_marks()
    {
        Assert.Equal(Score.Of([Four, Two]), Score.Of([TaskSummary.OfCounts("four", 3, 4), TaskSummary.OfCounts("two", 0, 2)]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void All_wrong_and_all_right_still_have_an_interval(double mark)
    {
        var tasks = new[] { Marks.Of("a", [.. Enumerable.Repeat(mark, 20)]), Marks.Of("b", [.. Enumerable.Repeat(mark, 20)]) };
        var wilson = Interval.Wilson((int)(40 * mark), 40);
        Assert.Equal(wilson.Width, Score.Of(tasks).Interval.Width, 1e-9);
        Assert.True(Score.Of(tasks, sampling: Sampling.TasksAndItems).Interval.Width > wilson.Width);
    }

    [Fact]
    public void An_always_right_and_an_always_wrong_task_are_not_known_exactly()
    {
        Assert.True(Score.Of([Marks.Of("a", 1, 1, 1), Marks.Of("b", 0, 0, 0)]).Interval.Width > 0.5);
    }

    [Fact]
    public void A_task_of_one_item_is_given_the_spread_of_all()
    {
        var score = Score.Of([Marks.Of("a", 1), Marks.Of("b", 0, 1, 0)]);
        // All items: two right of four, variance 1/3; task b's own is 1/3 by its three items.
        Assert.Equal(Math.Sqrt(((1 / 3.0) + (1 / 9.0)) / 4), score.StandardError, 1e-12);
        Assert.Throws<ArgumentException>(() => Score.Of([Marks.Of("a", 1)]));
    }

    [Fact]
    public void Of_tasks_drawn_anew_one_task_tells_nothing()
    {
        Assert.Throws<ArgumentException>(() => Score.Of([Four], sampling: Sampling.TasksAndItems));
    }

    [Fact]
    public void One_easy_task_among_hard_ones_says_that_others_may_be_easy_too_and_the_reverse()
    {
        TaskSummary[] Tasks(int few, int many) =>
            [.. Enumerable.Range(0, 9).Select(task => TaskSummary.OfCounts($"{task}", task == 0 ? many : few, 50))];
        var hard = Score.Of(Tasks(2, 30), sampling: Sampling.TasksAndItems);
        var easy = Score.Of(Tasks(48, 20), sampling: Sampling.TasksAndItems);
        Assert.Equal(46 / 450.0, hard.Value, 1e-12);
        // Wilson's alone would end at 0.32.
        Assert.InRange(hard.Interval.High, 0.54, 0.57);
        Assert.Equal(hard.Interval.High, 1 - easy.Interval.Low, 1e-9);
        Assert.Equal(hard.Interval.Low, 1 - easy.Interval.High, 1e-9);
    }

    [Fact]
    public void No_task_and_a_task_twice_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Score.Of(Array.Empty<TaskMarks>()));
        Assert.Contains("'four' is given 2 times", Assert.Throws<ArgumentException>(() => Score.Of([Four, Two, Four])).Message);
    }

    [Fact]
    public void The_order_of_marks_and_tasks_does_not_matter_and_asking_again_alike_changes_nothing()
    {
        var gen = Gen.Select(Gen.Double[0, 1].Array[2, 12].Array[2, 5], Gen.Int[0, 1000]);
        gen.Sample((tasks, seed) =>
        {
            var random = new Random(seed);
            var plain = tasks.Select((marks, i) => Marks.Of($"{i}", marks)).ToArray();
            var mixed = plain.Select(task => TaskMarks.Of(task.Task, Shuffled(task.Items.Concat(task.Items), random))).ToArray();
            foreach (var weighting in Enum.GetValues<Weighting>())
            {
                foreach (var sampling in Enum.GetValues<Sampling>())
                {
                    Assert.Equal(Score.Of(plain, weighting, sampling), Score.Of(mixed, weighting, sampling));
                    var (one, other) = (Score.Of(plain, weighting, sampling), Score.Of([.. Shuffled(plain, random)], weighting, sampling));
                    Assert.Equal(one.Value, other.Value, 1e-12);
                    Assert.Equal(one.Interval.Low, other.Interval.Low, 1e-9);
                }
            }
        });
    }

    private static T[] Shuffled<T>(IEnumerable<T> items, Random random)
    {
        var array = items.ToArray();
        random.Shuffle(array);
        return array;
    }
}
