using System.Text.Json.Nodes;
using Orca.Model.Checkpoints;
using Orca.Model.Embedded;
using Orca.Model.Network;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.EndToEnd.Tests;

/// <summary>Load on a real server over gRPC, from the command line.</summary>
public sealed class BenchServeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Checkpoints => Path.Combine(_folder.Path, "checkpoints");

    private string File => Path.Combine(_folder.Path, "figures.json");

    [Fact]
    public async Task A_server_of_its_own_is_measured_quietly_and_while_checkpoints_are_published()
    {
        var model = Publish();
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "bench", "serve", model, "--concurrency", "4", "--requests", "24", "--warm-up", "0.2",
            "--prompt-tokens", "8-32", "--answer-tokens", "20", "--reload-every", "6r", "--ttft-target", "60000", "--json", File);

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Contains("quiet: 24 requests", ended.Output);
        Assert.Contains("reloading against quiet:", ended.Output);
        var (quiet, reloading) = (Row(0), Row(1));
        foreach (var row in new[] { quiet, reloading })
        {
            Assert.Equal((24, 0, 1.0), ((int)row["requests"]!, (int)row["failed"]!, (double)row["good_share"]!));
            Assert.Equal((24, 24), ((int)row["time_to_first_token"]!["samples"]!, (int)row["request_duration"]!["samples"]!));
            Assert.True((double)row["output_tokens_per_second"]! > 0);
        }

        Assert.Null(quiet["reloads"]);
        Assert.True((int)reloading["reloads"]! >= 3);

        // The folder measured is untouched.
        Assert.Single(Directory.GetDirectories(Checkpoints));
    }

    [Fact]
    public async Task A_server_that_runs_is_measured_by_arrivals_of_chance()
    {
        Publish();
        await using var server = OrcaProcess.Start(_folder.Path, "serve", Checkpoints, "--port", "0");
        var address = (await server.LineAsync("serving on ")).Split(' ')[^1];
        await server.LineAsync("version 1 answers");
        var ended = await OrcaProcess.RunAsync(
            _folder.Path, "bench", "serve", "--server", address, "--checkpoints", Checkpoints, "--rate",
            "30", "--duration", "1.5", "--warm-up", "0.3",
            "--prompt-tokens", "16", "--answer-tokens", "8", "--reload-every", "0.3", "--json", File);

        Assert.True(ended.Code == 0, ended.Output + ended.Errors);
        Assert.Equal((30, 0), ((double)Row(0)["rate"]!, (int)Row(0)["failed"]!));
        Assert.InRange((int)Row(0)["requests"]!, 20, 75);
        Assert.True((int)Row(1)["reloads"]! >= 1);
        Assert.Equal(0, (int)Row(1)["failed"]!);
        Assert.True(Directory.GetDirectories(Checkpoints).Length is >= 2 and <= 7);
    }

    [Theory]
    [InlineData("Nothing to measure is named")]
    [InlineData("exclude each other", "model", "--rate", "1", "--concurrency", "2")]
    [InlineData("Both a model and --server", "model", "--server", "127.0.0.1:1")]
    [InlineData("needs --checkpoints", "--server", "127.0.0.1:1", "--reload-every", "5")]
    [InlineData("Flag --prompt-tokens is 'long'", "model", "--prompt-tokens", "long")]
    [InlineData("Flag --reload-every is 'often'", "model", "--reload-every", "often")]
    [InlineData("127.0.0.1:1", "--server", "127.0.0.1:1")]
    public async Task A_mistake_is_told_in_one_sentence(string part, params string[] arguments)
    {
        var ended = await OrcaProcess.RunAsync(_folder.Path, ["bench", "serve", .. arguments]);
        Assert.Contains(part, ended.Mistake());
    }

    private JsonNode Row(int i) => JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsArray()[i]!;

    private string Publish()
    {
        var config = EmbeddedStudent.Config;
        var weights = LlamaParameters.Initialize(config, 1, ScalarType.Float32, CPU);
        var path = CheckpointPublisher.Publish(Checkpoints, new CheckpointDraft
        {
            Step = 1,
            Config = config,
            Tokenizer = EmbeddedStudent.Tokenizer,
            Template = EmbeddedStudent.Template,
            Weights = weights,
            Created = DateTimeOffset.UnixEpoch,
        });
        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }

        return path;
    }
}
