using System.Collections.Immutable;
using Orca.Cli.Daemon;
using Orca.Training;
using Orca.Training.Packing;
using Orca.Training.Practice;

namespace Orca.Cli.Tests.Daemon;

/// <summary>A student that goes astray while it practises is told of, once until it is better.</summary>
public sealed class PracticeReportTests
{
    private readonly List<string> _told = [];
    private readonly PracticeReport _report;

    public PracticeReportTests() => _report = new PracticeReport(_told.Add);

    [Fact]
    public void Answers_that_do_not_end_are_told_once_and_again_after_they_did()
    {
        Hear(40, tokens: 20, endless: 0.1);
        Assert.Empty(_told);

        Hear(80, tokens: 20, endless: 0.5);
        Assert.Single(_told);
        Assert.Contains("of the student's last answers do not end; lower the rate (orca tune rate)", _told[0]);

        Hear(80, tokens: 20, endless: 0);
        Hear(80, tokens: 20, endless: 0.5);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void So_are_answers_that_repeat_themselves_and_those_that_grow()
    {
        Hear(40, tokens: 20);
        Hear(40, tokens: 20, repeating: 0.9);
        Hear(40, tokens: 60);

        Assert.Equal(2, _told.Count);
        Assert.Contains("repeat themselves", _told[0]);
        Assert.Contains("times as many as at first", _told[1]);
    }

    [Fact]
    public void A_few_answers_tell_nothing_and_neither_do_steps_without_practice()
    {
        Hear(10, tokens: 20, endless: 1, repeating: 1);
        _report.Hear(Step(null));

        Assert.Empty(_told);
    }

    // Ten answers a step.
    private void Hear(int steps, double tokens, double endless = 0, double repeating = 0)
    {
        for (var step = 0; step < steps; step++)
        {
            _report.Hear(Step(new PracticeAlarms(10, tokens, repeating, endless)));
        }
    }

    private static TrainingStep Step(PracticeAlarms? alarms) => new()
    {
        Step = 1,
        Loss = 0,
        Skipped = false,
        LearningRate = 1,
        GradientNorm = 1,
        Lessons = 10,
        Tokens = 100,
        TeacherTokens = 0,
        PackingEfficiency = 1,
        Collections = ImmutableSortedDictionary<string, LessonCount>.Empty,
        RefusedLessons = 0,
        Elapsed = TimeSpan.Zero,
        Waited = TimeSpan.Zero,
        Progress = null,
        Practice = alarms,
    };
}
