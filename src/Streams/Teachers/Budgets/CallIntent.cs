namespace Orca.Streams.Teachers.Budgets;

/// <summary>A call that is about to be made.</summary>
/// <param name="RequestId">What is asked: <see cref="TeacherRequest.Id"/>.</param>
/// <param name="Stage">For which stage.</param>
/// <param name="Endpoint">Where.</param>
/// <param name="Model">Which model.</param>
/// <param name="Number">Which call it is for this request in this run, from 1.</param>
/// <param name="Reserved">The most that it can cost, in US dollars.</param>
public sealed record CallIntent(string RequestId, string Stage, string Endpoint, string Model, int Number, decimal Reserved);

/// <summary>What came of a wish to make a call.</summary>
/// <param name="Attempt">The call's number in the ledger; 0 where it may not be made.</param>
/// <param name="Exhausted">The budget that has no room for it; null where it may be made.</param>
/// <param name="Spent">US dollars that this budget has spent or reserved.</param>
public sealed record Reservation(long Attempt, Budget? Exhausted = null, decimal Spent = 0);
