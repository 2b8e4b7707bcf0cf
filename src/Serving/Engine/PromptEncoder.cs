using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Engine;

/// <summary>
/// Has texts turned into tokens without others noticing: short ones at once, on the caller's thread; long ones one after
/// another, on a thread that yields to whoever is answered, callers taking turns. Safe to use from several threads.
/// </summary>
internal sealed class PromptEncoder
{
    /// <summary>Characters of a text that is short: some milliseconds' work at most.</summary>
    public const int ShortCharacters = 16_384;

    /// <summary>Characters of one caller's long texts that may wait; one text always may.</summary>
    public const long MaxWaitingCharacters = 16 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Waiting> waiting = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Has a text encoded.</summary>
    /// <param name="characters">Its length.</param>
    /// <param name="caller">Whose it is.</param>
    /// <param name="encode">Encodes it; called on any thread.</param>
    /// <param name="cancellationToken">The caller left.</param>
    /// <exception cref="GenerationException">Too many of the caller's texts wait.</exception>
    public ValueTask<T> EncodeAsync<T>(long characters, string caller, Func<T> encode, CancellationToken cancellationToken) =>
        characters <= ShortCharacters ? new(encode()) : new(EncodeLongAsync(characters, caller, encode, cancellationToken));

    private async Task<T> EncodeLongAsync<T>(long characters, string caller, Func<T> encode, CancellationToken cancellationToken)
    {
        var own = Enter(characters, caller);
        try
        {
            // One of each caller's waits for the thread at a time, so that who sends many waits behind the others'.
            await own.Turn.WaitAsync(cancellationToken);
            try
            {
                await turn.WaitAsync(cancellationToken);
                try
                {
                    return await LoadingThread.RunAsync(encode);
                }
                finally
                {
                    turn.Release();
                }
            }
            finally
            {
                own.Turn.Release();
            }
        }
        finally
        {
            Leave(characters, caller, own);
        }
    }

    private Waiting Enter(long characters, string caller)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(caller, out var own))
            {
                waiting[caller] = own = new Waiting();
            }
            else if (own.Characters + characters > MaxWaitingCharacters)
            {
                throw new GenerationException(
                    Failure.QuotaExceeded,
                    $"{own.Characters} characters of this key's long texts wait to be read, and this one has {characters}: "
                        + $"{MaxWaitingCharacters} may wait; try again later.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }

            own.Texts++;
            own.Characters += characters;
            return own;
        }
    }

    private void Leave(long characters, string caller, Waiting own)
    {
        lock (gate)
        {
            own.Characters -= characters;
            if (--own.Texts == 0)
            {
                waiting.Remove(caller);
            }
        }
    }

    /// <summary>One caller's long texts.</summary>
    private sealed class Waiting
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Texts { get; set; }

        public long Characters { get; set; }
    }
}
