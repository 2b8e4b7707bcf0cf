using Orca.Cli.Bench;

namespace Orca.Cli.Tests.Bench;

/// <summary>Pitfall 33: figures taken beside another process are marked as such.</summary>
public sealed class CoreGuardTests
{
    private const string Stat = "cpu  100 20 30 5000 7 4 6 9 50 0\ncpu0 1 2 3 4\n";

    [Fact]
    public void Busy_is_all_but_idling_waiting_and_what_the_host_took() =>
        Assert.Equal(new ProcessorTimes(Busy: 160, Stolen: 9, Own: 33), ProcessorTimes.Of(Stat, own: 33));

    [Fact]
    public void A_process_name_with_blanks_and_brackets_does_not_shift_the_fields() =>
        Assert.Equal(42 + 17, ProcessorTimes.OwnOf("7 (a ) (b 1) S 1 2 3 4 -1 0 0 0 0 0 42 17 0 0 20 0 1 0 5"));

    [Theory]
    [InlineData("")]
    [InlineData("intr 5\ncpu 1 2 3")]
    public void What_is_no_such_text_is_told_so(string text) => Assert.Throws<FormatException>(() => ProcessorTimes.Of(text, 0));

    [Fact]
    public void What_we_do_not_use_ourselves_is_the_others()
    {
        var share = CoreShare.Between(new(1_000, 5, 600), new(1_450, 25, 800), TimeSpan.FromSeconds(2.5))!;
        Assert.Equal((1.0, 0.08), (share.Others, share.Stolen));
        Assert.Equal("Other processes held 1.00 processors during the measurement; measure again when they have ended.", share.Warning);
    }

    [Fact]
    public void A_host_that_takes_processors_is_told_too()
    {
        var share = CoreShare.Between(new(0, 0, 0), new(100, 150, 100), TimeSpan.FromSeconds(1))!;
        Assert.Equal("the host gave 1.50 processors to other machines; measure again when it is quiet.", share.Warning);
    }

    [Fact]
    public void On_a_quiet_machine_nothing_is_told() =>
        Assert.Null(CoreShare.Between(new(0, 0, 0), new(204, 2, 200), TimeSpan.FromSeconds(1))!.Warning);

    [Fact]
    public void Too_short_a_time_says_nothing() =>
        Assert.Null(CoreShare.Between(new(0, 0, 0), new(100, 0, 0), TimeSpan.FromMilliseconds(150)));

    [Fact]
    public void The_real_times_of_this_machine_are_read_and_grow()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var before = ProcessorTimes.Read([])!.Value;
        Assert.True(SpinWait.SpinUntil(
            () => ProcessorTimes.Read([]) is { } now && now.Own - before.Own >= 5 && now.Busy > before.Busy, TimeSpan.FromSeconds(30)));
        Assert.Null(ProcessorTimes.Read([int.MaxValue]));
    }

    [Fact]
    public void Times_stretched_by_whole_slices_are_noticed_and_others_are_not()
    {
        var random = new Random(1);
        var quiet = Enumerable.Range(0, 200).Select(_ => 0.002 + (0.0002 * random.NextDouble())).ToList();
        var sliced = quiet.Select((time, i) => i % 10 == 0 ? time + (SliceDetector.Slice * (1 + (i % 3))) : time).ToList();
        var spread = quiet.Select((time, i) => i % 10 == 0 ? time + 0.004 + (0.01 * random.NextDouble()) : time).ToList();

        Assert.False(SliceDetector.IsSliced(quiet));
        Assert.True(SliceDetector.IsSliced(sliced));
        Assert.False(SliceDetector.IsSliced(spread));
        Assert.False(SliceDetector.IsSliced([]));
    }
}
