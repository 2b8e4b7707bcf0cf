using Microsoft.Extensions.Logging;
using Orca.Cli.Display;

namespace Orca.Cli.Tests.Display;

public sealed class DisplayLoggerTests
{
    [Fact]
    public void Warnings_and_errors_are_said_with_their_cause_and_nothing_less()
    {
        var said = new List<string>();
        using var logger = new DisplayLogger(said.Add);
        logger.LogInformation("not said");
        logger.LogWarning(new InvalidOperationException("because"), "said");
        Assert.Equal(["warning: said (because)"], said);
    }

    [Fact]
    public void A_full_disk_is_no_fault_of_what_logs()
    {
        using var logger = new DisplayLogger(_ => throw new IOException("No space left on device", 28));
        logger.LogError("lost");
    }
}
