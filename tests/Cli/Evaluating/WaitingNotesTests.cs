using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Evaluating;

namespace Orca.Cli.Tests.Evaluating;

public sealed class WaitingNotesTests
{
    [Fact]
    public void A_reason_is_told_at_once_and_then_now_and_then_and_another_one_after_a_second()
    {
        var (output, clock) = (new StringWriter { NewLine = "\n" }, new FakeTimeProvider());
        var notes = new WaitingNotes(output, lead: "", clock);

        notes.Tell("judge", "is busy (429).", TimeSpan.FromSeconds(2));
        notes.Tell("judge", "is busy (429).", TimeSpan.FromSeconds(4));
        notes.Tell("judge", "has 7 requests waiting.", TimeSpan.FromSeconds(4));
        clock.Advance(TimeSpan.FromSeconds(1));
        notes.Tell("judge", "cannot be reached", TimeSpan.FromSeconds(8));
        clock.Advance(TimeSpan.FromSeconds(16));
        notes.Tell("judge", "cannot be reached", TimeSpan.FromMilliseconds(20));

        Assert.Equal(
            "judge: is busy (429); asked again in 2 s\njudge: cannot be reached; asked again in 8 s\n"
                + "judge: cannot be reached; asked again in 0.1 s\n",
            output.ToString());
    }
}
