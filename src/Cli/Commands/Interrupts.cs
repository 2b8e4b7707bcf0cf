using System.Runtime.InteropServices;

namespace Orca.Cli.Commands;

/// <summary>Ctrl-C and SIGTERM: the first asks for a clean end, the second ends the process at once.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interrupts() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _asked.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _asked.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        if (_asked.IsCancellationRequested)
        {
            // Exit would wait for finalizers and for what the first signal began; the second one means now.
            Kill();
        }

        signal.Cancel = true;
        _asked.CancelAsync();
    }

    private static void Kill() => System.Diagnostics.Process.GetCurrentProcess().Kill();
}
