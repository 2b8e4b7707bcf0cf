using System.Globalization;
using Orca.Streams.Tasks;

namespace Orca.Cli.Daemon;

/// <summary>Tells how far large sources have been gone over, every few seconds.</summary>
/// <param name="say">Prints a line.</param>
/// <param name="clock">The clock.</param>
internal sealed class IndexingReport(Action<string> say, TimeProvider clock) : IProgress<IndexingProgress>
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly long _began = clock.GetTimestamp();
    private TimeSpan _told;

    /// <inheritdoc/>
    public void Report(IndexingProgress value)
    {
        lock (_gate)
        {
            var since = clock.GetElapsedTime(_began);
            if (since - _told < Every || value.Total == 0)
            {
                return;
            }

            _told = since;
            say(string.Create(
                CultureInfo.InvariantCulture,
                $"counting questions: {value.Done / 1e9:0.0} of {value.Total / 1e9:0.0} GB, "
                    + $"{value.Done / 1e6 / since.TotalSeconds:0} MB/s"));
        }
    }
}
