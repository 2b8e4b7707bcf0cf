namespace Orca.Streams.Teachers.Budgets;

/// <summary>Keeps no account: every call may be made.</summary>
internal sealed class NoLedger : IAttemptLedger
{
    private static readonly Task<Reservation> Granted = Task.FromResult(new Reservation(0));

    public Task<Reservation> ReserveAsync(CallIntent call, CancellationToken cancellationToken) => Granted;

    public Task SettleAsync(long attempt, Attempt outcome, decimal? cost, Trace? answer) => Task.CompletedTask;
}
