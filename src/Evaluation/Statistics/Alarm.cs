using System.Globalization;

namespace Orca.Evaluation.Statistics;

/// <summary>What is wrong with a task's result.</summary>
public enum AlarmKind
{
    /// <summary>It scores less than guessing, beyond its interval: knowing nothing does better, so something is amiss.</summary>
    BelowChance,

    /// <summary>More answers were unreadable than may be.</summary>
    ParseFailures,
}

/// <summary>A result which must not be reported without a second look.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Task">The task concerned.</param>
/// <param name="Message">One sentence that names the task and the figures.</param>
public readonly record struct Alarm(AlarmKind Kind, string Task, string Message)
{
    /// <summary>Share of unreadable answers above which a score says more of the reading than of the student.</summary>
    public const double MostParseFailures = 0.05;

    /// <summary>An alarm where the whole interval of a task's score lies below chance; else null, as for a task of one item.</summary>
    public static Alarm? BelowChance(TaskSummary task, double chance)
    {
        if (task.Items == 1)
        {
            return null;
        }

        var score = Score.Of([task]);
        return score.Interval.High >= chance ? null : new Alarm(
            AlarmKind.BelowChance, task.Task,
            $"Task '{task.Task}' scores {Percent(score.Value)} on {task.Items} items (95 % interval {Percent(score.Interval.Low)} to "
                + $"{Percent(score.Interval.High)}), below the {Percent(chance)} that guessing scores.");
    }

    /// <summary>An alarm where more than <see cref="MostParseFailures"/> of a task's answers were unreadable; else null.</summary>
    public static Alarm? ParseFailures(string task, int unparsed, int answers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unparsed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unparsed, answers);
        return unparsed <= MostParseFailures * answers ? null : new Alarm(
            AlarmKind.ParseFailures, task,
            $"Task '{task}' has {unparsed} of {answers} answers ({Percent((double)unparsed / answers)}) in which no answer was found; "
                + $"at most {Percent(MostParseFailures)} may be.");
    }

    private static string Percent(double share) => (share * 100).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
