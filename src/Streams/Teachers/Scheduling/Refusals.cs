namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// Requests that an endpoint refused without saying whether the request or the settings are at fault. They wait for what tells: an
/// answer to a call that began later shows that the settings are right; refusals of one request after another that they are not.
/// </summary>
internal sealed class Refusals
{
    private const int Suspicious = 3;
    private const int Proof = 6;

    private readonly List<(WaitingRequest Request, Attempt Attempt, TimeSpan At)> parked = [];

    /// <summary>Requests that wait.</summary>
    public int Count => parked.Count;

    /// <summary>Whether so many were refused that only one call at a time is made.</summary>
    public bool IsSuspicious => parked.Count >= Suspicious;

    /// <summary>Whether so many were refused, none answered between, that the settings must be at fault.</summary>
    public bool IsProof => parked.Count >= Proof;

    /// <summary>A request was refused.</summary>
    public void Add(WaitingRequest request, Attempt attempt, TimeSpan now) => parked.Add((request, attempt, now));

    /// <summary>A request waits no longer.</summary>
    public void Remove(WaitingRequest request) => parked.RemoveAll(refusal => refusal.Request == request);

    /// <summary>Takes out those that were refused before a call began that is answered: they alone are at fault.</summary>
    public List<(WaitingRequest Request, Attempt Attempt)> Before(TimeSpan started) => Take(refusal => refusal.At <= started);

    /// <summary>Takes out all.</summary>
    public List<(WaitingRequest Request, Attempt Attempt)> All() => Take(_ => true);

    /// <summary>When the last of them was refused.</summary>
    public TimeSpan Last => parked[^1].At;

    private List<(WaitingRequest Request, Attempt Attempt)> Take(Func<(WaitingRequest Request, Attempt Attempt, TimeSpan At), bool> which)
    {
        var taken = parked.Where(which).Select(refusal => (refusal.Request, refusal.Attempt)).ToList();
        parked.RemoveAll(refusal => which(refusal));
        return taken;
    }
}
