using System.Net;
using System.Net.Sockets;

namespace Orca.EndToEnd.Tests;

/// <summary>A user's mistake ends in one sentence and exit code 2.</summary>
public sealed class MistakeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("daemn")]
    [InlineData("daemon", "--bogus")]
    [InlineData("generate")]
    [InlineData("generate", "x", "--temperature", "warm")]
    [InlineData("generate", "x", "--top-p", "2")]
    [InlineData("tune", "mixture")]
    public async Task Wrong_arguments_are_told_with_where_to_look(params string[] arguments)
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, arguments);
        Assert.Contains("--help'", ended.Mistake());
    }

    [Theory]
    [InlineData("daemn", "daemn")]
    [InlineData("--bogus", "daemon", "--bogus")]
    public async Task A_word_that_is_not_understood_is_named(string word, params string[] arguments)
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, arguments);
        Assert.Contains($"'{word}' is no command", ended.Mistake());
    }

    [Fact]
    public async Task An_unknown_setting_is_told_with_the_nearest_known_one()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "orca.json"), """{ "training": { "lerningRate": 1 } }""");
        var ended = await OrcaProcess.RunAsync(_folder.Path, "daemon");
        Assert.Contains("did you mean 'training.learningRate'", ended.Mistake());
    }

    [Fact]
    public async Task A_flag_out_of_range_is_told_by_its_setting()
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, "daemon", "--max-steps", "-3");
        Assert.Contains("Setting 'run.maxSteps' is '-3' (--max-steps)", ended.Mistake());
    }

    [Theory]
    [InlineData("generate")]
    [InlineData("serve")]
    public async Task A_missing_model_is_told_by_its_path(string command)
    {
        var missing = Path.Combine(_folder.Path, "nowhere");
        var ended = await OrcaProcess.RunAsync(_folder.Path, command, missing);
        Assert.Contains(missing, ended.Mistake());
    }

    [Fact]
    public async Task A_quarantine_that_cannot_be_understood_is_told_and_left_alone()
    {
        var path = Path.Combine(_folder.Path, "quarantine.json");
        await File.WriteAllTextAsync(path, "[");
        var ended = await OrcaProcess.RunAsync(_folder.Path, "serve", ".", "--port", "0", "--http-port", "0");
        Assert.Contains("mend it, or delete it", ended.Mistake());
        Assert.Equal("[", await File.ReadAllTextAsync(path));
    }

    [Theory]
    [InlineData("serve", ".")]
    [InlineData("daemon")]
    public async Task A_port_in_use_is_told(params string[] command)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var ended = await OrcaProcess.RunAsync(_folder.Path, [.. command, "--port", $"{port}"]);
        var sentence = ended.Mistake();
        Assert.Contains("in use", sentence);
        Assert.Contains($"{port}", sentence);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("eval")]
    [InlineData("eval", "run", "reasoning")]
    public async Task A_server_that_does_not_answer_is_told_by_its_address(params string[] command)
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, "a question", [.. command, "127.0.0.1:1"]);
        Assert.Contains("127.0.0.1:1", ended.Mistake());
    }

    [Fact]
    public async Task A_libtorch_that_is_not_there_is_told()
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, "", ["doctor"], ("ORCA_LIBTORCH", _folder.Path));
        Assert.Contains("ORCA_LIBTORCH", ended.Mistake());
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_told()
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, "", ["doctor", "--device", "cuda"], ("CUDA_VISIBLE_DEVICES", ""));
        Assert.Contains("sees no CUDA device", ended.Mistake());
    }
}
