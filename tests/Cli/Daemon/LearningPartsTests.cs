using Orca.Cli.Configuration;
using Orca.Cli.Daemon;

namespace Orca.Cli.Tests.Daemon;

public sealed class LearningPartsTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(2_000)]
    [InlineData(10_000)]
    public void However_many_requests_are_in_flight_there_is_room_for_what_is_judged_and_stored(int parallel)
    {
        var options = LearningParts.CollectionOptionsOf(new OrcaSettings(), concurrency: parallel);

        Assert.InRange(options.Credits, 2 * parallel, int.MaxValue);
    }
}
