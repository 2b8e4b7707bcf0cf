using System.Collections.Immutable;
using Grpc.Core;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Subjects;
using Orca.Serving.Requests;
using Orca.Streams.Tasks;

namespace Orca.Cli.Daemon;

/// <summary>Examines the run's student through its server: all questions before and after, a few now and then.</summary>
/// <param name="questions">Held-out questions, ready to be asked.</param>
/// <param name="student">The server's student.</param>
/// <param name="settings">How many and how often.</param>
/// <param name="monitor">Hears of every result.</param>
/// <param name="clock">Paces the samples.</param>
internal sealed class Examiner(
    ImmutableArray<TaskQuery> questions, ITextGenerator student, EvaluationSettings settings, RunMonitor monitor, TimeProvider clock)
{
    // A sample must not take the cores from training: a few questions side by side are enough to be batched.
    private const int SampleParallel = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks every question, again and again for a while where the server has no room for it.</summary>
    /// <exception cref="Exception">The server refused one for too long, see <see cref="PatientStudent.IsRefusal"/>.</exception>
    public async Task<ExamReport> ExamineAsync(string title, CancellationToken cancellationToken)
    {
        var report = await Exam(questions, settings.Parallel)
            .RunAsync(title, new PatientStudent(student, Patience, clock), cancellationToken);
        monitor.Note(report);
        return report;
    }

    /// <summary>Asks a few questions at every interval, other ones each time, until it is told to stop.</summary>
    public async Task SampleAsync(CancellationToken stop)
    {
        if (settings.SampleQuestions == 0 || questions.IsEmpty)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(settings.SampleEverySeconds), clock);
        try
        {
            for (var turn = 0; await timer.WaitForNextTickAsync(stop); turn++)
            {
                try
                {
                    monitor.Note(await Exam(Sample(turn), SampleParallel).RunAsync("sample", student, stop));
                }
                catch (Exception none) when (!stop.IsCancellationRequested && none is RpcException or GenerationException)
                {
                    // No version may be loaded yet, or others fill the queue: this turn has nothing to tell, and training goes on.
                    if (none is not RpcException { StatusCode: StatusCode.Unavailable })
                    {
                        monitor.NoteFault();
                    }
                }
            }
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or RpcException)
        {
            // The run ends; a sample that was under way is left out.
        }
    }

    private HeldOutExam Exam(IReadOnlyCollection<TaskQuery> asked, int parallel) =>
        new(asked, new ExamOptions { MaxTokens = settings.MaxTokens, Parallel = parallel }, clock);

    // Questions are in turns over the tasks, so that neighbours are of different tasks.
    private List<TaskQuery> Sample(int turn)
    {
        var count = Math.Min(settings.SampleQuestions, questions.Length);
        return [.. Enumerable.Range(0, count).Select(i => questions[((turn * count) + i) % questions.Length])];
    }
}
