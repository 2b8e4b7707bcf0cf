using Orca.Serving.Requests;

namespace Orca.Serving.Admission;

/// <summary>
/// Counts the answers of each caller that are not read to their end, whether they wait, run or are done: what lies there for a
/// reader that has stalled takes memory, and so its caller may have only so many. Safe to use from several threads.
/// </summary>
/// <param name="most">Answers of one caller.</param>
/// <param name="retryAfter">What a refused caller is told to wait.</param>
internal sealed class OpenAnswers(int most, TimeSpan retryAfter)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);

    /// <summary>Counts one more, until it is disposed.</summary>
    /// <exception cref="GenerationException">The caller has as many as it may.</exception>
    public IDisposable Enter(string caller)
    {
        lock (gate)
        {
            var count = open.GetValueOrDefault(caller);
            open[caller] = count < most ? count + 1 : throw new GenerationException(
                Failure.QuotaExceeded,
                $"{count} answers of this key are not read to their end, the most that may be; read them, or end their calls.")
            {
                RetryAfter = retryAfter,
            };
        }

        return new Entry(this, caller);
    }

    private void Leave(string caller)
    {
        lock (gate)
        {
            if (--open[caller] == 0)
            {
                open.Remove(caller);
            }
        }
    }

    private sealed class Entry(OpenAnswers all, string caller) : IDisposable
    {
        public void Dispose() => all.Leave(caller);
    }
}
