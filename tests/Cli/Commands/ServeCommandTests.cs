using Orca.Cli.Commands;
using Orca.Cli.Daemon;
using Orca.Serving.Checkpoints;

namespace Orca.Cli.Tests.Commands;

public sealed class ServeCommandTests
{
    [Fact]
    public async Task It_ends_with_what_broke_the_server()
    {
        var broken = new TaskCompletionSource();
        using var output = new StringWriter();
        var serving = ServeCommand.WaitAsync(
            new VersionRegistry(TimeProvider.System), broken.Task, () => null, output, CancellationToken.None);
        Assert.False(serving.IsCompleted);
        broken.SetException(new ServerStoppedException("The server has stopped.", new InvalidOperationException()));
        await Assert.ThrowsAsync<ServerStoppedException>(() => serving.WaitAsync(
            TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task It_ends_well_when_it_is_asked_to()
    {
        using var asked = new CancellationTokenSource();
        using var output = new StringWriter();
        var serving = ServeCommand.WaitAsync(
            new VersionRegistry(TimeProvider.System), new TaskCompletionSource().Task, () => null, output, asked.Token);
        await asked.CancelAsync();
        await serving.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("stopping", output.ToString().Trim());
    }

    [Fact]
    public void A_broken_server_is_no_mistake_of_the_user_and_is_told_in_one_sentence()
    {
        var stopped = ServerStoppedException.Of(new InvalidOperationException("The engine's state is broken: a block is lost."));
        Assert.Equal(
            "The server has stopped and serves nothing any more: The engine's state is broken: a block is lost; start it again, and "
                + "report what its log says.",
            stopped.Message);
    }
}
