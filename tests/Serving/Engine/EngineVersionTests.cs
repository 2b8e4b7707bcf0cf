using Orca.Model.Inference;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

/// <summary>Versions beside one another, on a small student that really computes, by libtorch and by our own kernels.</summary>
public class EngineVersionTests
{
    private static readonly EngineOptions Audited = new() { Audit = true };
    private static readonly PromptInput Prompt = new PromptInput.PlainText(string.Concat(Enumerable.Repeat(
        "A prompt that fills some blocks. ", 4)));

    // Pitfall 1, LMDeploy #4917, with real weights: before, across and after an update, each held against a server that
    // never had another version.
    [Theory]
    [InlineData(InferenceBackend.Torch, OnUpdate.Pin)]
    [InlineData(InferenceBackend.Torch, OnUpdate.Follow)]
    [InlineData(InferenceBackend.Torch, OnUpdate.Recompute)]
    [InlineData(InferenceBackend.Torch, OnUpdate.Abort)]
    [InlineData(InferenceBackend.Cpu, OnUpdate.Pin)]
    [InlineData(InferenceBackend.Cpu, OnUpdate.Follow)]
    [InlineData(InferenceBackend.Cpu, OnUpdate.Recompute)]
    [InlineData(InferenceBackend.Cpu, OnUpdate.Abort)]
    public async Task Five_outputs_around_an_update_are_each_their_own_versions(InferenceBackend backend, OnUpdate policy)
    {
        var request = EngineFixture.Greedy(Prompt, 100) with
        {
            Weights = new WeightPolicy { OnUpdate = policy },
            Stopping = new StoppingOptions { MaxTokens = 100, IgnoreEos = true },
        };
        var (ofOld, ofNew) = (await AloneAsync(backend, seed: 1, request), await AloneAsync(backend, seed: 2, request));
        Assert.NotEqual(ofOld, ofNew);
        await using var fixture = new EngineFixture(Audited);
        var old = await fixture.LoadAsync(number => ToyStudent.Random(number, 1, backend));
        await fixture.Engine.ActivateAsync(old);

        var first = await fixture.Engine.GenerateAsync(request);
        var second = await fixture.Engine.GenerateAsync(request);
        var next = await fixture.LoadAsync(number => ToyStudent.Random(number, 2, backend));
        var across = await Running.StartAsync(fixture, request);
        await fixture.Engine.ActivateAsync(next);
        var third = await across.RestAsync();
        var fourth = await fixture.Engine.GenerateAsync(request);
        await fixture.Engine.ActivateAsync(old);
        var fifth = await fixture.Engine.GenerateAsync(request);

        Assert.Equal([ofOld, ofOld, ofNew, ofOld], new[] { first, second, fourth, fifth }.Select(answer => answer.Text));
        Assert.True(second.End.CachedPromptTokens > 0);
        Assert.True(policy == OnUpdate.Recompute || fourth.End.CachedPromptTokens == 0);
        Assert.Equal(third.Versions, third.End!.VersionSpans.SelectMany(span => Enumerable.Repeat(span.Version, span.Count)));
        if (policy == OnUpdate.Pin)
        {
            Assert.Equal(ofOld, third.Text);
        }
        else if (policy == OnUpdate.Abort)
        {
            Assert.StartsWith(third.Text.TrimEnd('\uFFFD'), ofOld, StringComparison.Ordinal);
        }

        Assert.True(policy != OnUpdate.Pin || third.End.OldestCacheVersion == old);
    }

    [Fact]
    public async Task A_request_can_name_its_version_and_refuse_old_ones()
    {
        await using var fixture = new EngineFixture(Audited);
        var (one, two) = (await LoadSpellerAsync(fixture, "abc"), await LoadSpellerAsync(fixture, "xyz"));
        await fixture.Engine.ActivateAsync(one);
        async Task<string> AskAsync(WeightPolicy weights) =>
            (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken) with { Weights = weights })).Text;

        Assert.Equal(("abc", "xyz"), (await AskAsync(new WeightPolicy()), await AskAsync(new WeightPolicy { PinVersion = two })));
        var tooOld = await Assert.ThrowsAsync<GenerationException>(() => AskAsync(new WeightPolicy { MinVersion = two }));
        var unknown = await Assert.ThrowsAsync<GenerationException>(() => AskAsync(new WeightPolicy { PinVersion = 77 }));
        Assert.Equal((Failure.VersionNotReady, Failure.UnknownVersion), (tooOld.Failure, unknown.Failure));
        await fixture.Engine.SetTrafficAsync([(one, 50), (two, 50)]);
        Assert.Equal("xyz", await AskAsync(new WeightPolicy { MinVersion = two }));
        var texts = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            texts.Add(await AskAsync(new WeightPolicy()));
        }

        Assert.InRange(texts.Count(text => text == "xyz"), 3, 7);
    }

    [Fact]
    public async Task A_version_stays_until_it_is_unloaded_and_one_that_answers_cannot_be()
    {
        await using var fixture = new EngineFixture(Audited);
        var (one, two) = (await LoadSpellerAsync(fixture, "abc", endless: true), await LoadSpellerAsync(fixture, "xyz"));
        await fixture.Engine.ActivateAsync(one);
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.UnloadAsync(one));
        await fixture.Engine.ActivateAsync(two);
        Assert.Equal(VersionState.Ready, fixture.Versions.Find(one)!.State);
        var unload = fixture.Engine.UnloadAsync(one);
        var end = await running.RestAsync();
        await unload;

        Assert.Equal(Failure.VersionNotReady, refusal.Failure);
        Assert.Equal(EndReason.Length, end.End!.Reason);
        Assert.Equal(VersionState.Unloaded, fixture.Versions.Find(one)!.State);
        await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.ActivateAsync(one));
    }

    [Fact]
    public async Task A_version_that_is_activated_while_it_is_being_unloaded_stays()
    {
        await using var fixture = new EngineFixture(Audited);
        var (one, two) = (await LoadSpellerAsync(fixture, "abc", endless: true), await LoadSpellerAsync(fixture, "xyz"));
        await fixture.Engine.ActivateAsync(one);
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        await fixture.Engine.ActivateAsync(two);
        var unload = fixture.Engine.UnloadAsync(one);
        await fixture.Engine.ActivateAsync(one);

        Assert.Equal(Failure.VersionChanged, (await Assert.ThrowsAsync<GenerationException>(() => unload)).Failure);
        await running.RestAsync();
        Assert.Equal("ab", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 2))).Text);
    }

    // Pitfall 4: what only looks, or only prepares, disturbs no stream. Pitfall 3: a reset under load neither fails nor waits.
    [Fact]
    public async Task Looking_loading_resetting_and_dividing_traffic_leave_running_requests_alone()
    {
        await using var fixture = new EngineFixture(Audited);
        var one = await fixture.LoadAsync(number => ToyStudent.Speller(
            number, "abcdefghij", endless: true, context: 1024, backend: InferenceBackend.Cpu));
        await fixture.Engine.ActivateAsync(one);
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken) with { RequestId = "long" });
        for (var i = 0; i < 10; i++)
        {
            var other = await LoadSpellerAsync(fixture, "xyz");
            await fixture.Engine.SetTrafficAsync([(one, 60), (other, 40)]);
            await fixture.Engine.ResetPrefixCache();
            await fixture.Engine.ActivateAsync(one);
            await fixture.Engine.UnloadAsync(other);
            Assert.True(fixture.Engine.Requests() is [{ Id: "long", State: RequestState.Decode, Samples: 1 }] or []);
            Assert.True(fixture.Engine.Load.Blocks > 0);
        }

        Assert.Equal(ToyStudent.Endless("abcdefghij", 1023), (await running.RestAsync()).Text);
    }

    // Pitfall 6: versions come and go from many threads while steps run; only the engine's thread ever touches one.
    [Fact]
    public async Task Only_the_engines_thread_runs_and_frees_versions_whoever_swaps_them()
    {
        var models = new List<TracingModel>();
        var language = ToyStudent.LanguageOf(Students.Bytes.VocabularySize);
        await using (var fixture = new EngineFixture(Audited))
        {
            StudentVersion Make(long number)
            {
                var model = new TracingModel((ulong)number, blockTokens: 8);
                lock (models)
                {
                    models.Add(model);
                }

                return new StudentVersion(number, language, model, files: null);
            }

            await fixture.InstallAsync(Make);
            var swaps = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await fixture.Engine.ActivateAsync(await fixture.LoadAsync(Make));
                }
            }));
            var requests = Enumerable.Range(0, 60).Select(async i =>
            {
                var answer = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([1, 2, i % 5]), 40) with
                {
                    Weights = new WeightPolicy { OnUpdate = (OnUpdate)(i % 3) },
                });
                Assert.Equal(40, answer.Tokens.Length);
            });
            await Task.WhenAll([.. swaps, .. requests]);
        }

        Assert.All(models, model => Assert.True(model.IsDisposed));
        Assert.Single(models.SelectMany(model => model.Threads.Keys).Distinct());
    }

    [Fact]
    public async Task Pausing_holds_everything_and_a_cancel_still_frees_its_blocks()
    {
        await using var fixture = new EngineFixture(Audited);
        await fixture.InstallAsync(number => ToyStudent.Speller(
            number, "abcdefghij", endless: true, context: 2048, backend: InferenceBackend.Cpu));
        var kept = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken) with { RequestId = "leaver" });
        fixture.Engine.Pause();
        await fixture.Engine.ResetPrefixCache();
        var (steps, used) = (fixture.Engine.Load.Steps, fixture.Engine.Load.UsedBlocks);
        var waiting = fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 2));

        // Pitfall 11: a pause in place leaks nothing.
        Assert.True(fixture.Engine.Cancel("leaver"));
        await Patience.UntilAsync(() => fixture.Engine.Load.UsedBlocks < used);
        Assert.Equal(steps, fixture.Engine.Load.Steps);
        fixture.Engine.Resume();

        Assert.Equal("ab", (await waiting).Text);
        Assert.Equal(2047, (await kept.RestAsync()).Text.Length);
    }

    [Fact]
    public async Task Draining_refuses_new_requests_finishes_the_others_and_ends_with_resume()
    {
        await using var fixture = new EngineFixture(Audited);
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abc", endless: true, context: 256));
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        var drained = fixture.Engine.DrainAsync(TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken)));
        await running.RestAsync();
        await drained;
        fixture.Engine.Resume();

        Assert.Equal(Failure.Draining, refusal.Failure);
        Assert.Equal("a", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 1))).Text);
    }

    private static Task<long> LoadSpellerAsync(EngineFixture fixture, string text, bool endless = false) =>
        fixture.LoadAsync(number => ToyStudent.Speller(number, text, endless, backend: InferenceBackend.Cpu));

    private static async Task<string> AloneAsync(InferenceBackend backend, long seed, GenerationRequest request)
    {
        await using var fixture = new EngineFixture(Audited);
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed, backend));
        return (await fixture.Engine.GenerateAsync(request)).Text;
    }

    [Fact]
    public async Task An_answer_tells_the_language_of_the_version_that_makes_it_whichever_answers_by_then()
    {
        await using var fixture = new EngineFixture();
        var languages = new[] { "first", "second" }.Select(name => ToyStudent.LanguageOf(Bytes.VocabularySize) with { Identity = name }).ToList();
        var first = await fixture.LoadAsync(number => ToyStudent.Version(
            number, ToyStudent.Config, ToyStudent.RandomWeights(ToyStudent.Config, 1), languages[0]));
        await fixture.InstallAsync(number => ToyStudent.Version(
            number, ToyStudent.Config, ToyStudent.RandomWeights(ToyStudent.Config, 2), languages[1]));

        var request = EngineFixture.Greedy(PromptInput.StartToken, maxTokens: 2) with { Weights = new WeightPolicy { PinVersion = first } };
        var accepted = new List<GenerationEvent.Accepted>();
        await foreach (var happened in fixture.Engine.StreamAsync(request, TestContext.Current.CancellationToken))
        {
            accepted.AddRange(happened is GenerationEvent.Accepted told ? [told] : []);
        }

        Assert.Same(languages[0], Assert.Single(accepted).Language);
    }
}
