using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model;
using Orca.Model.Inference;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Hosting;

public class ServingHostTests
{
    [Fact]
    public async Task It_listens_on_loopback_unless_told_otherwise()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        Assert.True(server.Endpoint.IsLoopback);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_sentence()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        var failure = await Assert.ThrowsAsync<ServingException>(() => ServingHost.StartAsync(
            server.Student, new ServingOptions { Port = server.Endpoint.Port }, NullLoggerFactory.Instance));
        Assert.Equal(
            $"Port {server.Endpoint.Port} on 127.0.0.1 is in use; stop the program that holds it, or choose another port.",
            failure.Message);
    }

    [Theory]
    [InlineData("nowhere", "'nowhere' is no address to listen on")]
    [InlineData("203.0.113.7", "Listening on 203.0.113.7 lets others than this machine in")]
    public async Task An_address_that_is_not_here_is_one_clear_sentence(string address, string message)
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        var failure = await Assert.ThrowsAsync<ServingException>(() => ServingHost.StartAsync(
            server.Student, new ServingOptions { Address = address, Port = 0 }, NullLoggerFactory.Instance));
        Assert.StartsWith(message, failure.Message);
    }

    [Fact]
    public async Task What_is_no_model_is_told_so()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "notes.txt"), "");
        await Assert.ThrowsAsync<ModelFormatException>(() => StartAsync(folder.Path));
        await Assert.ThrowsAsync<ModelFormatException>(() => StartAsync(Path.Combine(folder.Path, "absent")));

        File.WriteAllText(Path.Combine(folder.Path, "config.json"), "{");
        await Assert.ThrowsAsync<ModelFormatException>(() => StartAsync(folder.Path));
    }

    [Fact]
    public async Task A_folder_of_checkpoints_a_run_and_a_single_checkpoint_are_all_served()
    {
        using var run = new TemporaryFolder();
        using var checkpoints = new Publisher();
        var single = checkpoints.PublishSpeller(7, "ab");

        await using (var one = await StartAsync(single))
        {
            Assert.Equal(7, one.Versions.Active!.TrainerStep);
        }

        await using (var root = await StartAsync(checkpoints.Root))
        {
            Assert.Equal(7, (await root.WaitForStepAsync(7, TestContext.Current.CancellationToken)).TrainerStep);
        }

        Directory.CreateSymbolicLink(Path.Combine(run.Path, "checkpoints"), checkpoints.Root);
        await using var inRun = await StartAsync(run.Path);
        Assert.Equal(7, (await inRun.WaitForStepAsync(7, TestContext.Current.CancellationToken)).TrainerStep);
    }

    [Fact]
    public async Task Options_out_of_range_are_all_named()
    {
        var failure = await Assert.ThrowsAsync<ServingException>(() => StudentServer.OpenAsync(
            "any",
            new EngineOptions { MaxConcurrentRequests = 0, MaxPrefillTokens = 0, Inference = new InferenceOptions { Device = "abacus" } },
            NullLoggerFactory.Instance));
        Assert.Contains("MaxConcurrentRequests", failure.Message);
        Assert.Contains("MaxPrefillTokens", failure.Message);
        Assert.Contains("abacus", failure.Message);
    }

    private static Task<StudentServer> StartAsync(string model) =>
        StudentServer.StartAsync(model, new EngineOptions(), NullLoggerFactory.Instance);
}
