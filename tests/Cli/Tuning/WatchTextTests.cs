using Google.Protobuf.WellKnownTypes;
using Orca.Cli.Tuning;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Tests.Tuning;

/// <summary>What is shown of a watched run.</summary>
public sealed class WatchTextTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.Parse("2026-01-01T12:00:00Z");

    [Fact]
    public void A_receipt_tells_from_where_on_a_command_acts()
    {
        Assert.Equal(
            "in effect from step 1,204, lesson 17,331, question 18,002; revision 7",
            CurriculumText.Receipt(new Acknowledged { Revision = 7, FirstStep = 1_204, FirstLesson = 17_331, FirstDraw = 18_002 }));
        Assert.Equal("in effect from lesson 1; revision 1", CurriculumText.Receipt(new Acknowledged { Revision = 1, FirstLesson = 1 }));
    }

    [Fact]
    public void Each_event_is_one_line_and_a_heartbeat_none()
    {
        Assert.Equal(
            "12:00:05  steps 10 to 19  loss 2.500  1,000 tokens/s  31 % of the best product  gradient 0.5  learning rate 1.0E-003",
            Line(Steps(5, 2.5)));
        Assert.Equal(
            "12:00:00  command mixture {\"weights\":{\"cot\":2}}, in effect from step 3, lesson 9; revision 4",
            Line(Command(0)));
        Assert.Equal("12:00:00  step-7 is rejected: It answers badly.", Line(new WatchResponse
        {
            Time = At(0),
            Version = new VersionChange { Kind = VersionChange.Types.Kind.Rejected, Checkpoint = "step-7", Reason = "It answers badly." },
        }));
        Assert.Equal(
            "12:00:00  12 events before this are not remembered any more",
            Line(new WatchResponse { Time = At(0), Gap = new Gap { Missed = 12 } }));
        Assert.StartsWith("12:00:00  stage expert (training paused), accepted 12,", Line(StatusAt(0)));
        Assert.Null(Line(new WatchResponse { Time = At(0), Heartbeat = new Heartbeat() }));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(12, 30)]
    [InlineData(30, 10)]
    [InlineData(60, 24)]
    [InlineData(200, 60)]
    public void The_chart_fits_whatever_the_terminal(int columns, int rows)
    {
        var lines = WatchPanel.Lines(Run(), columns, rows, TimeZoneInfo.Utc);

        Assert.InRange(lines.Count, 1, rows);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, columns));
    }

    [Fact]
    public void Commands_are_marked_where_they_came_and_the_last_are_told()
    {
        var lines = WatchPanel.Lines(Run(), 60, 40, TimeZoneInfo.Utc);

        var marks = lines.Single(line => line.Trim() == "a");
        Assert.InRange(marks.IndexOf('a'), 33, 37);
        Assert.Contains(lines, line => line.StartsWith("a  12:00:50  mixture {", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("stage     expert (training paused)  40 of 100 lessons", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("    4.000 █", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("tokens/s  ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_of_days_is_charted_in_bounded_memory_from_its_beginning()
    {
        var run = new WatchedRun();
        for (var second = 0; second < 100_000; second++)
        {
            run.Add(Steps(second, 1));
        }

        Assert.InRange(run.Losses.Count, 1_000, 2_048);
        Assert.Equal(Begin, run.Losses[0].Time);
    }

    private static WatchedRun Run()
    {
        var run = new WatchedRun();
        run.Add(StatusAt(0));
        for (var second = 0; second < 100; second++)
        {
            if (second == 50)
            {
                run.Add(Command(50));
            }

            run.Add(Steps(second, 4 - (second * 0.03)));
        }

        return run;
    }

    private static string? Line(WatchResponse happened) => EventText.Line(happened, TimeZoneInfo.Utc);

    private static WatchResponse StatusAt(int second) => new()
    {
        Time = At(second),
        Status = new Status
        {
            Stage = "expert",
            Paused = true,
            PausedWork = PausedWork.Training,
            StageLessons = 40,
            StageLength = 100,
            TracesAccepted = 12,
            Mixture = { ["reasoning"] = 1, ["cot"] = 2 },
        },
    };

    private static WatchResponse Steps(int second, double loss) => new()
    {
        Time = At(second),
        Steps = new StepSummary
        {
            FirstStep = 10,
            LastStep = 19,
            Loss = loss,
            TokensPerSecond = 1_000,
            ShareOfLimit = 0.31,
            GradientNorm = 0.5,
            LearningRate = 1e-3,
        },
    };

    private static WatchResponse Command(int second) => new()
    {
        Time = At(second),
        Command = new CommandApplied
        {
            CommandId = "x",
            Kind = "mixture",
            Json = """{"command":"mixture","weights":{"cot":2}}""",
            Receipt = new Acknowledged { Revision = 4, FirstStep = 3, FirstLesson = 9 },
        },
    };

    private static Timestamp At(int second) => Timestamp.FromDateTimeOffset(Begin.AddSeconds(second));
}
