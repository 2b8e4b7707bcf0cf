using System.Collections.Concurrent;

namespace Orca.Cli.Teacher;

/// <summary>A model with its pace: who may ask how much of it, how many at once, and how long each answer takes. Any thread.</summary>
/// <param name="solver">What answers.</param>
/// <param name="time">The endpoint's clock.</param>
internal sealed class ServedModel(SolverModel solver, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim? _places = solver.Settings.Concurrency is { } places ? new SemaphoreSlim(places) : null;
    private readonly ConcurrentDictionary<string, Quota> _quotas = new();

    /// <summary>Its settings.</summary>
    public TeacherModel Settings => solver.Settings;

    /// <summary>What answers.</summary>
    public SolverModel Solver => solver;

    /// <summary>What a key has of it.</summary>
    public Quota QuotaOf(string key) =>
        _quotas.GetOrAdd(key, _ => new Quota(Settings.RequestsPerMinute, Settings.TokensPerMinute, time));

    /// <summary>Waits, without a word to the caller, until fewer than <see cref="TeacherModel.Concurrency"/> are being answered.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _places?.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Lets the next one in.</summary>
    public void Leave() => _places?.Release();

    /// <summary>The time to an answer's first token: log-normal, or always the same where the spread is 0.</summary>
    public Task BeginAsync(Draw draw, CancellationToken cancellationToken)
    {
        var spread = Settings.LatencySigma > 0 ? Math.Exp(Settings.LatencySigma * draw.Normal("latency")) : 1;
        return WaitAsync(Settings.LatencyMs * spread, cancellationToken);
    }

    /// <summary>The time that so many tokens take.</summary>
    public Task MakeAsync(double tokens, CancellationToken cancellationToken) => WaitAsync(Settings.TokenMs * tokens, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _places?.Dispose();

    private Task WaitAsync(double milliseconds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return milliseconds > 0 ? Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, cancellationToken) : Task.CompletedTask;
    }
}
