using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class PairedComparisonTests
{
    [Fact]
    public void A_single_task_by_hand()
    {
        // Differences 1, 0, 1, 0: mean 1/2, variance 1/3, error sqrt(1/12); Student's t of 1.732 with 3 degrees of freedom.
        var comparison = PairedComparison.Of([Marks.Of("a", 0, 1, 0, 0)], [Marks.Of("a", 1, 1, 1, 0)]);
        Assert.Equal((0.25, 0.75, 0.5), (comparison.First, comparison.Second, comparison.Difference));
        Assert.Equal(Math.Sqrt(1 / 12.0), comparison.StandardError, 1e-12);
        Assert.Equal(0.1816901, comparison.P, 1e-6);
        Assert.Equal(0.5 - (3.182446 * Math.Sqrt(1 / 12.0)), comparison.Interval.Low, 1e-6);
        Assert.Equal(1, comparison.Interval.High);
        Assert.Equal(new McNemar(0, 2), comparison.McNemar);
        Assert.Equal(4, comparison.Items);
    }

    [Fact]
    public void Tasks_count_alike_whatever_their_size_unless_items_are_to()
    {
        TaskMarks[] first = [Marks.Of("a", 0, 0, 0, 0), Marks.Of("b", 1, 1)];
        TaskMarks[] second = [Marks.Of("a", 1, 1, 0, 0), Marks.Of("b", 0, 1)];
        Assert.Equal(0, PairedComparison.Of(first, second).Difference, 1e-12);
        Assert.Equal(1 / 6.0, PairedComparison.Of(first, second, Weighting.EqualItems).Difference, 1e-12);
    }

    [Fact]
    public void Swapping_the_runs_turns_the_sign_and_nothing_else()
    {
        Pairs.Sample((first, second) =>
        {
            foreach (var sampling in Enum.GetValues<Sampling>())
            {
                var there = PairedComparison.Of(first, second, sampling: sampling);
                var back = PairedComparison.Of(second, first, sampling: sampling);
                Assert.Equal(there.Difference, -back.Difference, 1e-12);
                Assert.Equal(there.P, back.P, 1e-9);
                Assert.Equal(there.Interval.Low, -back.Interval.High, 1e-9);
                Assert.Equal(there.Second - there.First, there.Difference, 1e-12);
            }
        });
    }

    [Fact]
    public void The_interval_leaves_0_out_where_p_is_below_5_percent()
    {
        Pairs.Where((first, second) => PairedComparison.Of(first, second).StandardError > 0).Sample((first, second) =>
        {
            var comparison = PairedComparison.Of(first, second);
            Assert.Equal(comparison.P < 0.05, !comparison.Interval.Contains(0));
        });
    }

    [Fact]
    public void A_run_does_not_differ_from_itself_but_for_what_so_few_items_can_hide()
    {
        var run = new[] { Marks.Of("a", 1, 0, 1, 0, 1) };
        var comparison = PairedComparison.Of(run, run);
        Assert.Equal((0.0, 1.0), (comparison.Difference, comparison.P));
        Assert.Equal(Interval.Wilson(0, 5).High, comparison.Interval.High, 1e-9);
    }

    [Fact]
    public void Where_all_items_improve_alike_p_is_that_of_as_many_heads_in_a_row()
    {
        var comparison = PairedComparison.Of([Marks.Of("a", 0, 0, 0, 0)], [Marks.Of("a", 1, 1, 1, 1)]);
        Assert.Equal(0.125, comparison.P, 1e-12);
        Assert.Equal(comparison.McNemar!.P, comparison.P, 1e-12);
    }

    [Fact]
    public void Repeats_of_an_item_are_one_difference()
    {
        TaskMarks Repeated(double[] marks, int times) =>
            TaskMarks.Of("a", Enumerable.Repeat(Marks.Of("a", marks).Items, times).SelectMany(items => items));
        double[] before = [0, 1, 0, 0, 1], after = [1, 1, 1, 0, 0];
        Assert.Equal(
            PairedComparison.Of([Repeated(before, 1)], [Repeated(after, 1)]),
            PairedComparison.Of([Repeated(before, 8)], [Repeated(after, 3)]));
    }

    [Fact]
    public void Items_that_a_run_lacks_are_refused_with_their_number_and_one_of_them()
    {
        TaskMarks[] whole = [Marks.Of("a", 1, 0, 1), Marks.Of("b", 1, 1)];
        TaskMarks[] part = [Marks.Of("a", 1, 0)];
        var lacking = Assert.Throws<ArgumentException>(() => PairedComparison.Of(whole, part)).Message;
        Assert.Equal(
            "The second run lacks 3 of the other's 5 items, such as '0002' of task 'a'; compare runs over the same items.", lacking);
        Assert.StartsWith("The first run lacks 3", Assert.Throws<ArgumentException>(() => PairedComparison.Of(part, whole)).Message);
        Assert.Equal(lacking, Assert.Throws<ArgumentException>(() => Bootstrap.Difference(whole, part)).Message);
    }

    private static Gen<(TaskMarks[] First, TaskMarks[] Second)> Pairs =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3]).Array[2, 30].Array[2, 5].Select(tasks => (
            tasks.Select((marks, i) => Marks.Of($"{i}", [.. marks.Select(mark => mark.Item1 / 2.0)])).ToArray(),
            tasks.Select((marks, i) => Marks.Of($"{i}", [.. marks.Select(mark => mark.Item2 / 3.0)])).Reverse().ToArray()));
}
