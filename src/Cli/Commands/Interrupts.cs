using System.Diagnostics;
using System.Runtime.InteropServices;
using Grpc.Core;

namespace Orca.Cli.Commands;

/// <summary>
/// Ctrl-C, SIGTERM, and SIGHUP of a terminal that closes: the first asks for a clean end, the second ends the process at once. One that
/// comes right after the first is the first, sent twice, as GNU's <c>timeout</c> does: to the process, then to its group.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private const int SignalBase = 128;
    private const int TerminationNumber = 15;
    private static readonly TimeSpan SentTwice = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;
    private long _askedAt;

    public Interrupts() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _asked.Token;

    /// <summary>What a command that was interrupted ends with, as shells have it: 128 and the signal's number.</summary>
    public int ExitCode => _exitCode;

    /// <summary>Asks for a clean end, as the first signal does.</summary>
    public void Ask()
    {
        if (Interlocked.CompareExchange(ref _exitCode, SignalBase + TerminationNumber, 0) == 0)
        {
            // Whoever asks may be waited for by the command that ends.
            _asked.CancelAsync();
        }
    }

    /// <summary>Whether an exception says no more than that the first signal was heeded.</summary>
    public bool Caused(Exception exception) => _asked.IsCancellationRequested && IsCancellation(exception);

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _asked.Dispose();
    }

    private static bool IsCancellation(Exception exception) => exception switch
    {
        OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } => true,
        AggregateException several => several.InnerExceptions.All(IsCancellation),
        _ => false,
    };

    private void Handle(PosixSignalContext signal)
    {
        var code = SignalBase + signal.Signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, _ => TerminationNumber };
        signal.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, code, 0) == 0)
        {
            Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
            _asked.CancelAsync();
        }
        else if (Volatile.Read(ref _askedAt) is var asked and not 0 && Stopwatch.GetElapsedTime(asked) > SentTwice)
        {
            // Exit would wait for finalizers and for what the first signal began; the second one means now.
            Kill();
        }
    }

    private static void Kill() => Process.GetCurrentProcess().Kill();
}
