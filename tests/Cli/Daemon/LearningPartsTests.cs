using Orca.Cli.Configuration;
using Orca.Cli.Daemon;

namespace Orca.Cli.Tests.Daemon;

public sealed class LearningPartsTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(2_000)]
    [InlineData(10_000)]
    public void As_many_requests_are_in_flight_as_the_settings_say_with_room_for_what_is_judged_and_stored(int parallel)
    {
        var options = LearningParts.CollectionOptionsOf(new OrcaSettings { Teacher = new TeacherSettings { Parallel = parallel } });

        Assert.Equal(parallel, options.MaxConcurrentAsks);
        Assert.InRange(options.Credits, 2 * parallel, int.MaxValue);
    }
}
