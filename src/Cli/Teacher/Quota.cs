namespace Orca.Cli.Teacher;

/// <summary>
/// What one key has of one model: a minute's requests and tokens, which come back evenly. Any thread.
/// </summary>
/// <param name="requestsPerMinute">Requests; null for any number.</param>
/// <param name="tokensPerMinute">Tokens; null for any number.</param>
/// <param name="time">The endpoint's clock.</param>
internal sealed class Quota(double? requestsPerMinute, double? tokensPerMinute, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Allowance? _requests = requestsPerMinute is { } requests ? new Allowance(requests, time.GetTimestamp()) : null;
    private readonly Allowance? _tokens = tokensPerMinute is { } tokens ? new Allowance(tokens, time.GetTimestamp()) : null;

    /// <summary>Takes a request of so many tokens, or tells what is lacking, and takes nothing.</summary>
    public QuotaAnswer Take(int tokens)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _requests?.Refill(time, now);
            _tokens?.Refill(time, now);
            var lacking = tokens > _tokens?.Limit ? "too large"
                : _requests?.Left < 1 ? "requests"
                : _tokens?.Left < tokens ? "tokens"
                : null;
            var pause = lacking switch
            {
                "requests" => _requests!.UntilHas(1),
                "tokens" => _tokens!.UntilHas(tokens),
                _ => TimeSpan.Zero,
            };
            if (lacking is null)
            {
                _requests?.Spend(1);
                _tokens?.Spend(tokens);
            }

            return new QuotaAnswer(lacking, pause, _requests?.State, _tokens?.State);
        }
    }

    private sealed class Allowance(double limit, long start)
    {
        private long _last = start;

        public double Limit { get; } = limit;

        public double Left { get; private set; } = limit;

        public AllowanceState State => new(Limit, Math.Floor(Left), UntilHas(Limit));

        public void Refill(TimeProvider time, long now)
        {
            Left = Math.Min(Limit, Left + (Limit * time.GetElapsedTime(_last, now).TotalMinutes));
            _last = now;
        }

        public void Spend(double amount) => Left -= amount;

        public TimeSpan UntilHas(double amount) => TimeSpan.FromMinutes(Math.Max(0, amount - Left) / Limit);
    }
}

/// <summary>Whether a call may be made.</summary>
/// <param name="Lacking"><c>requests</c>, <c>tokens</c> or <c>too large</c>; null where it may.</param>
/// <param name="Pause">Until the same call may be made, in the endpoint's time.</param>
/// <param name="Requests">What is left of the requests; null where they are not bounded.</param>
/// <param name="Tokens">What is left of the tokens likewise.</param>
internal sealed record QuotaAnswer(string? Lacking, TimeSpan Pause, AllowanceState? Requests, AllowanceState? Tokens);

/// <summary>What is left of an allowance.</summary>
/// <param name="Limit">A minute's.</param>
/// <param name="Left">What is left.</param>
/// <param name="UntilFull">Time until all of it is back, in the endpoint's time.</param>
internal sealed record AllowanceState(double Limit, double Left, TimeSpan UntilFull);
