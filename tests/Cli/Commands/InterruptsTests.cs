using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Orca.Cli.Commands;

namespace Orca.Cli.Tests.Commands;

public sealed class InterruptsTests
{
    // SIGHUP, since the test runner itself heeds the others.
    [Fact]
    public async Task Whoever_asks_for_the_end_does_not_wait_for_what_ends()
    {
        using var interrupts = new Interrupts();
        using var hasReturned = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var end = interrupts.Token.Register(() => ended.SetResult(hasReturned.Wait(TimeSpan.FromSeconds(5))));

        interrupts.Ask();
        hasReturned.Set();

        Assert.True(await ended.Task);
    }

    [Fact]
    public async Task A_signal_asks_for_the_end_and_explains_what_was_cancelled()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no kill, or no list of ignored signals");
        Assert.SkipWhen(IgnoresHangup(), "SIGHUP is ignored, as below nohup");
        using var interrupts = new Interrupts();
        var cancelled = new RpcException(new Status(StatusCode.Cancelled, ""));
        Assert.False(interrupts.Caused(cancelled));

        using var kill = Process.Start("kill", ["-HUP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromSeconds(30), interrupts.Token));

        Assert.Equal(129, interrupts.ExitCode);
        Assert.True(interrupts.Caused(cancelled));
        Assert.True(interrupts.Caused(new AggregateException(new OperationCanceledException(), cancelled)));
        Assert.False(interrupts.Caused(new AggregateException(new OperationCanceledException(), new IOException())));
        Assert.False(interrupts.Caused(new RpcException(new Status(StatusCode.Unavailable, ""))));
    }

    private static bool IgnoresHangup() =>
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[^1] is '1' or '3' or '5' or '7' or '9' or 'b' or 'd' or 'f';
}
