using System.Reactive.Subjects;

namespace Orca.Streams.Tasks;

/// <summary>Passes each fault on once: a source that is read again after a restart or in a new pass meets its faults again.</summary>
internal sealed class FaultFilter : IProgress<SourceFault>
{
    private readonly Subject<SourceFault> reported = new();
    private readonly HashSet<SourceFault> seen = [];

    public IObservable<SourceFault> Reported => reported;

    public void Report(SourceFault value)
    {
        if (seen.Add(value))
        {
            reported.OnNext(value);
        }
    }
}
