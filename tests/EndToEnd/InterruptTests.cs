using System.Net;
using System.Net.Sockets;

namespace Orca.EndToEnd.Tests;

/// <summary>A command ends at the first signal, soon, says so by its exit code, and leaves nothing half-made.</summary>
public sealed class InterruptTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT", 130, "out.gguf", "q8_0")]
    [InlineData("TERM", 143, "out.gguf", "q4_K")]
    [InlineData("INT", 130, "out", "f32")]
    public async Task A_conversion_leaves_nothing_behind(string signal, int code, string output, string weights)
    {
        HollowModel.Make(Path.Combine(_folder.Path, "model"));
        await using var orca = OrcaProcess.Start(_folder.Path, "convert", "model", output, "--weights", weights);
        await UntilAsync(() => Directory.GetFileSystemEntries(_folder.Path, "*.part").Length > 0);
        orca.Signal(signal);
        var ended = await orca.EndAsync();
        Assert.Equal((code, "", ""), (ended.Code, ended.Output, ended.Errors));
        Assert.Equal([Path.Combine(_folder.Path, "model")], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("generate", "model", "--prompt", "x")]
    [InlineData("eval", "--model", "model")]
    [InlineData("bench", "engine", "--model", "model")]
    [InlineData("serve", "model", "--port", "0", "--http-port", "0")]
    public async Task Reading_a_model_is_left(params string[] arguments)
    {
        HollowModel.Make(Path.Combine(_folder.Path, "model"));
        await using var orca = OrcaProcess.Start(_folder.Path, arguments);
        // Libraries are loaded by now, weights are not all read.
        await Task.Delay(1_000);
        orca.Signal("INT");
        var ended = await orca.EndAsync();
        Assert.True(ended.Code == 130, $"exit code {ended.Code}\n{ended.Output}\n{ended.Errors}");
        Assert.Empty(ended.Errors);
    }

    [Theory]
    [InlineData("generate", "--server", "ADDRESS", "--prompt", "x")]
    [InlineData("chat", "ADDRESS")]
    [InlineData("eval", "ADDRESS")]
    [InlineData("tune", "ADDRESS", "status")]
    [InlineData("bench", "serve", "--server", "ADDRESS")]
    public async Task Waiting_for_a_server_is_left(params string[] arguments)
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var address = $"127.0.0.1:{((IPEndPoint)mute.LocalEndpoint).Port}";
        await using var orca = OrcaProcess.Start(
            _folder.Path, [.. arguments.Select(argument => argument.Replace("ADDRESS", address, StringComparison.Ordinal))]);
        await orca.WriteLineAsync("a question");
        using var connection = await mute.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        orca.Signal("INT");
        var ended = await orca.EndAsync();
        Assert.True(ended.Code == 130, $"exit code {ended.Code}\n{ended.Output}\n{ended.Errors}");
        Assert.Empty(ended.Errors);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
