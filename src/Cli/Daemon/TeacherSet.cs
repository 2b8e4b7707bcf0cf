using Orca.Cli.Configuration;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Cli.Daemon;

/// <summary>The teachers of the stages.</summary>
/// <param name="ByStage">By the stage's name.</param>
/// <param name="Concurrency">Requests that they can have in flight at once.</param>
/// <param name="Owned">What is to be disposed with them.</param>
internal sealed record TeacherSet(IReadOnlyDictionary<string, ITeacher> ByStage, int Concurrency, IDisposable? Owned) : IDisposable
{
    /// <summary>Makes the teachers that the settings describe; the calls of endpoints are written to the store.</summary>
    /// <exception cref="TaskFormatException">The file of recorded answers is missing.</exception>
    /// <exception cref="TeacherException">A key is missing, or a setting of an endpoint is out of range.</exception>
    public static async Task<TeacherSet> OpenAsync(
        TeacherSettings settings, TraceStore store, IProgress<SourceFault> faults, TimeProvider clock, CancellationToken cancellationToken)
    {
        switch (settings.Kind)
        {
            case "solver":
                return Of(new SolverTeacher(SolverStrength.Assistant, settings.SolverErrorRate), new SolverTeacher(SolverStrength.Expert), 1);
            case "recorded":
                var recorded = settings.RecordedFile is { } file
                    ? await RecordedTeacher.OpenAsync(file, faults, cancellationToken)
                    : new RecordedTeacher();
                return Of(recorded, recorded, 1, recorded);
            default:
                var endpoints = TeacherEndpoints.Of(settings);
                var scheduler = new RequestScheduler(
                    endpoints.Select(endpoint => TeacherEndpoint.Open(endpoint, clock)),
                    new SchedulerOptions { Attempts = settings.Retries + 1 },
                    store.Ledger(TeacherEndpoints.Budgets(settings)),
                    clock);
                return Of(
                    new EndpointTeacher(scheduler, TeacherEndpoints.NamesFor(settings, Stages.Assistant)),
                    new EndpointTeacher(scheduler, TeacherEndpoints.NamesFor(settings, Stages.Expert)),
                    endpoints.Sum(endpoint => endpoint.Concurrency),
                    scheduler);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Owned?.Dispose();

    private static TeacherSet Of(ITeacher assistant, ITeacher expert, int concurrency, IDisposable? owned = null) =>
        new(new Dictionary<string, ITeacher> { [Stages.Assistant] = assistant, [Stages.Expert] = expert }, concurrency, owned);
}
