using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Orca.Cli.Commands;

namespace Orca.Cli.Tests.Commands;

public sealed class InterruptsTests
{
    // SIGHUP, since the test runner itself heeds the others.
    [Fact]
    public async Task A_signal_asks_for_the_end_and_explains_what_was_cancelled()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no kill");
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
}
