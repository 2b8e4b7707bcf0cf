using Orca.Cli.Configuration;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Batches;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Cli.Daemon;

/// <summary>The teachers of the stages.</summary>
/// <param name="ByStage">By the stage's name.</param>
/// <param name="Concurrency">Requests that they can have in flight at once.</param>
/// <param name="Release">Disposes what answers for them.</param>
internal sealed record TeacherSet(
    IReadOnlyDictionary<string, ITeacher> ByStage, int Concurrency, Func<ValueTask> Release) : IAsyncDisposable
{
    /// <summary>Who judges answers whose words do not tell whether they are right; null for nobody.</summary>
    public ITeacher? Judge { get; init; }

    /// <summary>Calls that are under way now, and are waited for when the run is asked to end.</summary>
    public Func<int> InFlight { get; init; } = () => 0;

    /// <summary>Makes the teachers that the settings describe; the calls of endpoints are written to the store.</summary>
    /// <exception cref="TaskFormatException">The file of recorded answers is missing.</exception>
    /// <exception cref="TeacherException">A key is missing, or a setting of an endpoint is out of range.</exception>
    public static async Task<TeacherSet> OpenAsync(
        TeacherSettings settings, TraceStore store, IProgress<SourceFault> faults, TimeProvider clock, CancellationToken cancellationToken)
    {
        switch (settings.Kind)
        {
            case "solver":
                return Of(
                    new SolverTeacher(SolverStrength.Assistant, settings.SolverErrorRate),
                    new SolverTeacher(SolverStrength.Expert, settings.SolverExpertErrorRate), 1, () => { });
            case "recorded":
                var recorded = settings.RecordedFile is { } file
                    ? await RecordedTeacher.OpenAsync(file, faults, cancellationToken)
                    : new RecordedTeacher();
                return Of(recorded, recorded, 1, recorded.Dispose);
            case var _ when settings.Batch:
                return InBatches(settings, store, clock);
            default:
                var endpoints = TeacherEndpoints.Of(settings);
                var scheduler = new RequestScheduler(
                    endpoints.Select(endpoint => TeacherEndpoint.Open(endpoint, clock)),
                    new SchedulerOptions
                    {
                        Attempts = settings.Retries + 1,
                        FinishWithin = TimeSpan.FromSeconds(settings.FinishSeconds),
                    },
                    store.Ledger(TeacherEndpoints.Budgets(settings)),
                    clock);
                return Of(
                    new EndpointTeacher(scheduler, TeacherEndpoints.NamesFor(settings, Stages.Assistant)),
                    new EndpointTeacher(scheduler, TeacherEndpoints.NamesFor(settings, Stages.Expert)),
                    endpoints.Sum(endpoint => endpoint.Concurrency),
                    scheduler.Dispose) with
                {
                    InFlight = () => scheduler.InFlight,
                    Judge = settings.JudgeEndpoints.IsEmpty ? null : new EndpointTeacher(scheduler, settings.JudgeEndpoints),
                };
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Release();

    // Batches lie beside the store that their answers go to.
    private static TeacherSet InBatches(TeacherSettings settings, TraceStore store, TimeProvider clock)
    {
        var (endpoints, folder) = (TeacherEndpoints.Of(settings), Path.GetDirectoryName(Path.GetFullPath(store.Path))!);
        var ledger = store.Ledger(TeacherEndpoints.Budgets(settings));
        var names = new[] { Stages.Assistant, Stages.Expert }.Select(stage => TeacherEndpoints.NamesFor(settings, stage)[0]).ToList();
        var teachers = names.Concat(settings.JudgeEndpoints).Distinct().ToDictionary(name => name, name => new BatchTeacher(
            endpoints.First(endpoint => endpoint.Name == name),
            OptionsOf(settings, Path.Combine(folder, "batches", Uri.EscapeDataString(name))),
            ledger, clock));
        return new TeacherSet(ByStageOf(teachers[names[0]], teachers[names[1]]), settings.BatchRequests, async () =>
        {
            foreach (var teacher in teachers.Values)
            {
                await teacher.DisposeAsync();
            }
        })
        {
            Judge = settings.JudgeEndpoints is [var judge, ..] ? teachers[judge] : null,
        };
    }

    private static BatchOptions OptionsOf(TeacherSettings settings, string folder) => new()
    {
        Folder = folder,
        MaxRequests = settings.BatchRequests,
        Gather = TimeSpan.FromSeconds(settings.BatchGatherSeconds),
        Poll = TimeSpan.FromSeconds(settings.BatchPollSeconds),
        PriceShare = (decimal)settings.BatchPriceShare,
        Attempts = Math.Min(3, settings.Retries + 1),
    };

    private static TeacherSet Of(ITeacher assistant, ITeacher expert, int concurrency, Action release) => new(
        ByStageOf(assistant, expert), concurrency, () =>
        {
            release();
            return ValueTask.CompletedTask;
        });

    private static Dictionary<string, ITeacher> ByStageOf(ITeacher assistant, ITeacher expert) =>
        new() { [Stages.Assistant] = assistant, [Stages.Expert] = expert };
}
