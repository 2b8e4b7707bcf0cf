using System.Collections.Immutable;
using System.Globalization;
using Orca.Cli.Display;

namespace Orca.Cli.Experimenting;

/// <summary>Shows how far the students of an experiment are, from what their runs have written.</summary>
/// <param name="run">The experiment.</param>
/// <param name="students">Its students.</param>
/// <param name="line">Where it is shown.</param>
/// <param name="clock">The clock.</param>
internal sealed class ExperimentDisplay(
    ExperimentRun run, ImmutableArray<ExperimentStudent> students, ProgressLine line, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Shows it until it is told to stop.</summary>
    public async Task ShowAsync(CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        var (first, all) = (StepsDone(), students.Sum(student => (long)student.Steps));
        line.Begin(0);
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var done = StepsDone();
                var left = done > first && done < all
                    ? $", {Durations.Text(clock.GetElapsedTime(began).TotalSeconds / (done - first) * (all - done))} of training left"
                    : "";
                line.Tell(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{run.Done} of {students.Length} students examined, {done} of {all} steps{left}{Underway()}"));
            }
        }
        catch (OperationCanceledException)
        {
            line.Clear();
        }
    }

    private long StepsDone() => students.Sum(student => (long)Math.Min(student.Steps, StudentEfforts.Newest(student.Run)?.Step ?? 0));

    private string Underway() => string.Concat(students
        .Select(student => (Student: student, Newest: StudentEfforts.Newest(student.Run)))
        .Where(pair => pair.Newest is { } newest && newest.Step < pair.Student.Steps)
        .Select(pair => string.Create(
            CultureInfo.InvariantCulture,
            $"; {pair.Student.Arm} {pair.Student.Seed}: step {pair.Newest!.Value.Step}, loss {pair.Newest.Value.Loss:F2}")));
}
