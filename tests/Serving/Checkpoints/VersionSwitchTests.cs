using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Network;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>Which of several loaded versions answer, how many stay, and how one is given up.</summary>
public sealed class VersionSwitchTests : IAsyncDisposable
{
    private const string Forward = "abcdefgh";
    private const string Backward = "hgfedcba";

    private readonly Publisher publisher = new();
    private StudentServer? server;

    [Fact]
    public async Task A_rollback_returns_to_the_version_before_and_does_not_load_the_one_left_again()
    {
        await OpenAsync();
        var left = publisher.PublishSpeller(2, Backward);
        await LoadAsync(left);
        Assert.Equal((Backward, 2L), await AskAsync());

        var target = await server!.RollbackAsync(null, "the answers are backward");
        Assert.Equal((1L, VersionState.Active), (target.Number, target.State));
        Assert.Equal((Forward, 1L), await AskAsync());
        await Patience.UntilAsync(() => Record(2).State == VersionState.Rejected);
        Assert.Equal("It was rolled back: the answers are backward", Record(2).Reason);

        var again = await LoadAsync(left);
        Assert.Equal(VersionState.Rejected, again.State);
        Assert.Contains("is quarantined: the answers are backward", again.Reason);
        Assert.Equal(
            Failure.VersionNotReady,
            (await Assert.ThrowsAsync<GenerationException>(() => server.RollbackAsync(null, "once more"))).Failure);
    }

    [Fact]
    public async Task A_version_whose_logits_are_no_numbers_is_rolled_back_by_itself()
    {
        await OpenAsync();
        for (var i = 0; i < 150; i++)
        {
            await AskAsync();
        }

        var (config, weights) = ToyStudent.Spelling(Backward);
        using (torch.NewDisposeScope())
        {
            // Finite itself, and far from what the probe asks.
            weights[LlamaParameters.HeadName].narrow(1, 'Z', 1).fill_(3e38f);
        }

        await LoadAsync(publisher.Publish(2, config, weights));
        Assert.Equal((Backward, 2L), await AskAsync());
        for (var i = 0; i < 3; i++)
        {
            var failure = await Assert.ThrowsAsync<GenerationException>(() => AskAsync("Z"));
            Assert.Equal(Failure.StepFailed, failure.Failure);
        }

        await Patience.UntilAsync(() => server!.Versions.Active!.Number == 1 && Record(2).State == VersionState.Rejected);
        Assert.Contains("its logits were not finite in 3 of", Record(2).Reason);
        Assert.Equal(1, (await AskAsync("Z")).Version);
    }

    [Fact]
    public async Task A_version_whose_answers_are_empty_is_rolled_back_by_itself()
    {
        await OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            await AskAsync();
        }

        var (config, weights) = ToyStudent.Spelling(Backward);
        using (torch.NewDisposeScope())
        {
            weights[LlamaParameters.HeadName][Bytes.End, Bytes.Start] = torch.tensor(2f);
        }

        await LoadAsync(publisher.Publish(2, config, weights));
        for (var i = 0; i < 40 && server!.Versions.Active!.Number == 2; i++)
        {
            await AskAsync();
        }

        await Patience.UntilAsync(() => server!.Versions.Active!.Number == 1 && Record(2).State == VersionState.Rejected);
        Assert.Contains("answers ended with their first token", Record(2).Reason);
    }

    // What one caller's requests do to their own draws says nothing of the version, however many of them there are.
    [Fact]
    public async Task Nothing_that_a_request_does_to_its_own_draws_costs_a_version_its_place()
    {
        await OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            await AskAsync();
        }

        var (config, weights) = ToyStudent.Spelling(Backward);
        using (torch.NewDisposeScope())
        {
            // Finite, and so large that a small penalty could make it infinite.
            weights[LlamaParameters.HeadName].narrow(1, 'Z', 1).fill_(3e36f);
        }

        await LoadAsync(publisher.Publish(2, config, weights));
        var plain = EngineFixture.Greedy(PromptInput.StartToken, maxTokens: 12);
        var large = EngineFixture.Greedy(new PromptInput.PlainText("Z"), maxTokens: 1);
        var ending = ImmutableDictionary<int, float>.Empty.Add(Bytes.End, 100);
        GenerationRequest[] hostile =
        [
            plain with { Sampling = plain.Sampling with { LogitBias = ending } },
            plain with { Sampling = plain.Sampling with { LogitBias = ending, RepetitionPenalty = 0.01f, FrequencyPenalty = -2 } },
            plain with { Sampling = plain.Sampling with { RepetitionPenalty = 10 }, Prompt = new PromptInput.PlainText("h") },
            plain with { Stopping = plain.Stopping with { StopTokenIds = [Bytes.End] }, Prompt = new PromptInput.PlainText("a") },
            plain with
            {
                Sampling = new SamplingOptions { Temperature = 100, TopK = 1, SampleCount = 16 },
                Prompt = new PromptInput.PlainText("a"),
            },
            plain with { Sampling = new SamplingOptions { SampleCount = 29 }, Prompt = new PromptInput.PlainText("a") },
            large with { Sampling = large.Sampling with { RepetitionPenalty = 0.01f } },
            large with { Sampling = large.Sampling with { RepetitionPenalty = 0.01f, LogitBias = ending, PresencePenalty = -2 } },
        ];
        foreach (var request in hostile)
        {
            for (var i = 0; i < 40; i++)
            {
                await server!.Engine.GenerateAsync(request with { Weights = new WeightPolicy { PinVersion = 2 } });
                if (ReferenceEquals(request, hostile[5]))
                {
                    // Of all samples of a prompt one counts, and this prompt's answer is empty for every version.
                    break;
                }
            }
        }

        await Assert.ThrowsAsync<GenerationException>(() => server!.Engine.GenerateAsync(
            large with { Sampling = large.Sampling with { RepetitionPenalty = 1e-44f } }));
        Assert.Equal((2L, VersionState.Active), (server!.Versions.Active!.Number, Record(2).State));
        Assert.Equal((Backward, 2L), await AskAsync());
    }

    [Fact]
    public async Task As_many_versions_stay_loaded_as_asked_for()
    {
        await OpenAsync(new LoadingOptions { KeepVersions = 3 });
        for (var step = 2; step <= 5; step++)
        {
            await LoadAsync(publisher.PublishRandom(step, seed: step));
        }

        await Patience.UntilAsync(() => Record(2).State == VersionState.Unloaded);
        Assert.Equal(
            [VersionState.Active, VersionState.Ready, VersionState.Ready, VersionState.Unloaded, VersionState.Unloaded],
            server!.Versions.List().Select(record => record.State));
        Assert.Equal(4, (await server.RollbackAsync(null, "a test")).Number);
        Assert.Equal(3, (await server.RollbackAsync(null, "another")).Number);
    }

    [Fact]
    public async Task Traffic_is_divided_between_loaded_versions_as_asked()
    {
        await OpenAsync();
        await LoadAsync(publisher.PublishSpeller(2, Backward), activate: false);
        Assert.Equal((Forward, 1L), await AskAsync());

        await server!.SetTrafficAsync([(1, 75), (2, 25)]);
        var versions = new List<long>();
        for (var i = 0; i < 100; i++)
        {
            versions.Add((await AskAsync()).Version);

            // Those that ask for a version are not divided, so they do not count.
            var pinned = EngineFixture.Greedy(new PromptInput.PlainText(""), maxTokens: 1) with
            {
                Weights = new WeightPolicy { PinVersion = 1 },
            };
            Assert.Equal(1, (await server.Engine.GenerateAsync(pinned)).Version);
        }

        Assert.Equal(25, versions.Count(version => version == 2));
        Assert.Equal((75, 25), (Record(1).TrafficPercent, Record(2).TrafficPercent));
        Assert.Equal(1, server.Versions.Active!.Number);
        await Assert.ThrowsAsync<GenerationException>(() => server.SetTrafficAsync([(1, 50), (9, 50)]));
        await Assert.ThrowsAsync<GenerationException>(() => server.SetTrafficAsync([(1, 50)]));

        await server.SetTrafficAsync([]);
        Assert.Equal([(1L, 100)], server.Traffic);
        Assert.Equal(1, (await AskAsync()).Version);
    }

    [Fact]
    public async Task Labels_stand_for_what_answers_what_came_last_and_what_there_is_to_return_to()
    {
        await OpenAsync(new LoadingOptions { KeepVersions = 3 });
        var labels = new VersionLabels(server!.Versions);
        Assert.Equal((1L, 1L), (labels.Resolve("stable"), labels.Resolve("latest")));
        Assert.Equal(Failure.VersionNotReady, Assert.Throws<GenerationException>(() => labels.Resolve("previous")).Failure);
        await LoadAsync(publisher.PublishSpeller(2, Backward));
        await LoadAsync(publisher.PublishRandom(3, seed: 3), activate: false);
        Assert.Equal((2L, 3L, 1L), (labels.Resolve("stable"), labels.Resolve("latest"), labels.Resolve("previous")));
        Assert.Throws<GenerationException>(() => labels.Resolve("canary"));
        await server.SetTrafficAsync([(2, 90), (3, 10)]);
        Assert.Equal((2L, 3L), (labels.Resolve("stable"), labels.Resolve("canary")));
    }

    [Fact]
    public async Task Pitfall_4_Activating_by_a_stale_etag_or_only_to_validate_changes_nothing()
    {
        await OpenAsync(new LoadingOptions { KeepVersions = 3 });
        await LoadAsync(publisher.PublishSpeller(2, Backward), activate: false);
        await LoadAsync(publisher.PublishRandom(3, seed: 3), activate: false);
        var (two, three) = (Record(2).ETag, Record(3).ETag);

        Assert.Equal(VersionState.Ready, (await server!.ActivateAsync(3, three, validateOnly: true)).State);
        Assert.Equal(VersionState.Active, (await server.ActivateAsync(3, three)).State);

        // Another activation came first: whoever read before it must look again.
        var failure = await Assert.ThrowsAsync<GenerationException>(() => server.ActivateAsync(2, two));
        Assert.Equal(Failure.VersionChanged, failure.Failure);
        Assert.Equal(3, server.Versions.Active!.Number);
        Assert.Equal(VersionState.Active, (await server.ActivateAsync(2, Record(2).ETag)).State);
    }

    [Fact]
    public async Task Only_what_does_not_answer_can_be_unloaded()
    {
        await OpenAsync();
        await LoadAsync(publisher.PublishSpeller(2, Backward));
        Assert.Equal(Failure.VersionNotReady, (await Assert.ThrowsAsync<GenerationException>(() => server!.UnloadAsync(2))).Failure);
        Assert.Equal(Failure.UnknownVersion, (await Assert.ThrowsAsync<GenerationException>(() => server!.UnloadAsync(7))).Failure);
        await server!.UnloadAsync(1);
        await Patience.UntilAsync(() => Record(1).State == VersionState.Unloaded);
        Assert.Equal(Failure.VersionNotReady, (await Assert.ThrowsAsync<GenerationException>(() => server.ActivateAsync(1))).Failure);
        Assert.Equal((Backward, 2L), await AskAsync());
    }

    [Fact]
    public async Task A_version_that_answers_unlike_the_one_before_is_refused_beyond_the_bound_and_the_figure_told()
    {
        await OpenAsync(new LoadingOptions { MaxProbeDivergence = 0.5, MaxProbePerplexity = 1e9 });
        var far = await LoadAsync(publisher.PublishSpeller(2, Backward));
        Assert.Equal(VersionState.Rejected, far.State);
        Assert.Contains("nats a token away from the version that answers, above the bound of 0.5", far.Reason);
        Assert.InRange(far.Findings!.ProbeKl!.Value, 0.5, 20);

        var same = await LoadAsync(publisher.PublishSpeller(3, Forward));
        Assert.Equal(VersionState.Active, same.State);
        Assert.Equal(0, same.Findings!.ProbeKl!.Value, 6);
        Assert.InRange(same.Findings.ProbePerplexity!.Value, 1, 1e9);
    }

    [Fact]
    public async Task Of_many_loads_at_once_the_newest_wins_and_no_queue_grows()
    {
        await OpenAsync();
        var folders = Enumerable.Range(2, 8).Select(step => publisher.PublishSpeller(step, step % 2 == 0 ? Backward : Forward)).ToList();
        var ends = await Task.WhenAll(folders.Select(folder => LoadAsync(folder)));
        Assert.Equal(VersionState.Active, ends[^1].State);
        Assert.Equal(ends[^1].Number, server!.Versions.Active!.Number);
        Assert.All(
            ends.Where(end => end.State == VersionState.Rejected),
            end => Assert.Contains("was overtaken by a later checkpoint", end.Reason));
        Assert.Contains(ends, end => end.State == VersionState.Rejected);
    }

    [Fact]
    public async Task A_load_tells_how_far_it_is()
    {
        await OpenAsync();
        var folder = publisher.PublishSpeller(2, Backward);
        var seen = await server!.LoadAsync(folder, activate: true, cancellationToken: TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        var order = new[] { VersionState.Staged, VersionState.Validating, VersionState.Probed, VersionState.Ready, VersionState.Active };
        Assert.Equal(seen.Select(record => record.State).Order(), seen.Select(record => record.State));
        Assert.All(seen, record => Assert.Contains(record.State, order));
        Assert.Equal(VersionState.Active, seen[^1].State);
        Assert.Equal((seen[^1].Tensors, 12, 2L), (seen[^1].TensorsChecked, seen[^1].Tensors, seen[^1].TrainerStep));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        publisher.Dispose();
    }

    private async Task OpenAsync(LoadingOptions? loading = null) => server = await StudentServer.OpenAsync(
        publisher.PublishSpeller(1, Forward), new EngineOptions(), NullLoggerFactory.Instance, loading: loading);

    private VersionRecord Record(long number) => server!.Versions.Find(number)!;

    private async Task<VersionRecord> LoadAsync(string folder, bool activate = true) =>
        await server!.LoadAsync(folder, activate, cancellationToken: TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);

    private async Task<(string Text, long Version)> AskAsync(string text = "")
    {
        var answer = await server!.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.PlainText(text), maxTokens: 12));
        return (answer.Text, answer.Version);
    }
}
