using System.Collections.Immutable;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Streams.Teachers;

/// <summary>A teacher behind endpoints: those of a scheduler that a stage may use.</summary>
/// <param name="scheduler">Who asks them; not owned.</param>
/// <param name="endpoints">Names of the endpoints.</param>
public sealed class EndpointTeacher(RequestScheduler scheduler, ImmutableArray<string> endpoints) : ITeacher
{
    /// <inheritdoc/>
    public string Name => string.Join(", ", endpoints);

    /// <inheritdoc/>
    public IObservable<TeacherEvent> Events => scheduler.Events;

    /// <inheritdoc/>
    public void Tune(TeacherTuning tuning) => scheduler.Tune(tuning);

    /// <inheritdoc/>
    public Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken) =>
        scheduler.AskAsync(request, endpoints, cancellationToken);
}
