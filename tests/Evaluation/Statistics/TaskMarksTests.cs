using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class TaskMarksTests
{
    [Fact]
    public void An_item_asked_several_times_counts_once_with_its_mean()
    {
        var marks = TaskMarks.Of("a", [new("2", 1), new("1", 0), new("2", 0), new("2", 0.5)]);
        Assert.Equal([new("1", 0), new("2", 0.5)], marks.Items);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_mark_out_of_range_is_refused_by_name(double mark)
    {
        var error = Assert.Throws<ArgumentException>(() => TaskMarks.Of("sums", [new("1", 1), new("7", mark)]));
        Assert.Contains("Task 'sums': item '7'", error.Message);
    }

    [Fact]
    public void A_task_without_marks_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TaskMarks.Of("sums", []));
    }
}
