using System.Collections.Immutable;
using System.Globalization;
using Grpc.Core;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Subjects;
using Orca.Evaluation.Suites;
using Orca.Serving.Requests;
using Orca.Streams.Tasks;

namespace Orca.Cli.Daemon;

/// <summary>Examines the run's student through its server: all questions before and after, a few now and then.</summary>
/// <param name="questions">Held-out questions, ready to be asked.</param>
/// <param name="student">The server's student.</param>
/// <param name="settings">How many and how often.</param>
/// <param name="reports">Folder that examinations before and after are kept in, every answer of them.</param>
/// <param name="monitor">Hears of every result.</param>
/// <param name="clock">Paces the samples.</param>
internal sealed class Examiner(
    ImmutableArray<TaskQuery> questions, ITextGenerator student, EvaluationSettings settings, string reports, RunMonitor monitor,
    TimeProvider clock)
{
    private const string SuiteName = "held-out";

    // A sample must not take the cores from training: a few questions side by side are enough to be batched.
    private const int SampleParallel = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A sample's question as it is asked now: as the stage that is taught has it.</summary>
    public Func<TaskQuery, TaskQuery> Sampled { get; init; } = static query => query;

    /// <summary>Hears of every sample: how many were right, of how many.</summary>
    public Action<int, int> OnSampled { get; init; } = static (_, _) => { };

    /// <summary>Asks every question, again and again for a while where the server has no room for it.</summary>
    /// <exception cref="Exception">The server refused one for too long, see <see cref="PatientStudent.IsRefusal"/>.</exception>
    public async Task<Examination> ExamineAsync(string title, CancellationToken cancellationToken)
    {
        var (plan, run) = Plan(questions);
        var time = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        using var folder = EvaluationFolder.New(reports, $"{time}-{title}", plan);
        var records = await run.RunAsync(
            new PatientStudent(student, Patience, clock), null, folder, [], settings.Parallel, null, cancellationToken);
        var report = EvaluationReport.Of(plan, records);
        RunReportFiles.Write(folder.Path, report, records);
        var examination = new Examination(report, records, folder.Path);
        monitor.Note(examination.Accuracy);
        return examination;
    }

    /// <summary>The first whole examination of a title that a folder of reports holds; null for none.</summary>
    public static Examination? Earlier(string reports, string title)
    {
        var folder = Directory.Exists(reports)
            ? Directory.GetDirectories(reports, $"*-{title}*").Order(StringComparer.Ordinal)
                .FirstOrDefault(RunReportFiles.AreIn)
            : null;
        if (folder is null)
        {
            return null;
        }

        var (plan, records) = (EvaluationFolder.PlanOf(folder), EvaluationFolder.Read(folder));
        return new Examination(EvaluationReport.Of(plan, records), records, folder);
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
                    var (_, run) = Plan(Sample(turn));
                    var records = await run.RunAsync(student, null, null, [], SampleParallel, null, stop);
                    monitor.Note(records.Average(record => record.IsRight ? 1.0 : 0));
                    OnSampled(records.Count(record => record.IsRight), records.Length);
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

    private (RunPlan Plan, EvaluationRun Run) Plan(IEnumerable<TaskQuery> asked)
    {
        var (suite, protocol) = (QuestionSuite.Of(SuiteName, asked), new RobustProtocol());
        var plan = new RunPlan
        {
            Suite = suite.Name,
            SuiteHash = suite.Hash,
            Items = suite.Items.Count(),
            Protocol = protocol.Name,
            Options = new ProtocolOptions { MaxTokens = settings.MaxTokens },
            Subject = student.Name,
        };
        return (plan, new EvaluationRun(suite, protocol, plan, clock));
    }

    // Questions are in turns over the tasks, so that neighbours are of different tasks.
    private List<TaskQuery> Sample(int turn)
    {
        var count = Math.Min(settings.SampleQuestions, questions.Length);
        return [.. Enumerable.Range(0, count).Select(i => Sampled(questions[((turn * count) + i) % questions.Length]))];
    }
}
