using Orca.Model.Network;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Engine;

/// <summary>Versions, cancellation, faults and the end.</summary>
public class EngineLifeTests
{
    private const string Forward = "abcdefghijklmnopqrstuvwxyz";
    private const string Backward = "zyxwvutsrqponmlkjihgfedcba";

    [Fact]
    public async Task A_request_finishes_on_the_version_it_began_with_and_the_next_gets_the_new_one()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 1024));
        var old = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Backward, endless: true, context: 1024));
        var stateDuringSwap = fixture.Versions.Find(1)!.State;
        var next = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 26));
        var pinned = await old.RestAsync();

        Assert.Equal(VersionState.Draining, stateDuringSwap);
        Assert.Equal((ToyStudent.Endless(Forward, 1023), 1), (pinned.Text, pinned.Versions.Distinct().Single()));
        Assert.Equal((Backward, 2), (next.Text, next.Version));
        Assert.Equal([VersionState.Active, VersionState.Unloaded], fixture.Versions.List().Select(record => record.State));
    }

    [Fact]
    public async Task A_version_of_another_shape_and_vocabulary_takes_over_too()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 1));
        var old = await Running.StartAsync(fixture, EngineFixture.Greedy(new PromptInput.PlainText("abc")));
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward));

        Assert.Equal(Forward, (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken))).Text);
        Assert.All((await old.RestAsync()).Versions, version => Assert.Equal(1, version));
    }

    [Fact]
    public async Task A_caller_that_leaves_frees_its_slot_and_its_neighbours_go_on_unchanged()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 2 });
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 512));
        var neighbour = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        using var gone = new CancellationTokenSource();
        await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken), gone.Token);
        var waiting = fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 3));
        await gone.CancelAsync();

        Assert.Equal("abc", (await waiting).Text);
        Assert.Equal(ToyStudent.Endless(Forward, 511), (await neighbour.RestAsync()).Text);
        await Patience.UntilAsync(() => fixture.Engine.Load.Running == 0);
    }

    [Fact]
    public async Task A_caller_that_leaves_the_queue_frees_its_place_at_once()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 1, MaxQueuedRequests = 1 });
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 2048));
        using var leave = new CancellationTokenSource();
        await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken), leave.Token);
        var queued = fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken), leave.Token);

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken)));
        await leave.CancelAsync();

        Assert.Equal((Failure.QueueFull, TimeSpan.FromSeconds(1)), (refusal.Failure, refusal.RetryAfter!.Value));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        Assert.Equal("ab", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 2))).Text);
    }

    [Fact]
    public async Task A_request_cancelled_by_name_gives_its_caller_what_was_made()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 2048));
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken) with { RequestId = "long" });

        Assert.True(fixture.Engine.Cancel("long"));
        var rest = await running.RestAsync();

        Assert.Equal(EndReason.Cancelled, rest.End!.Reason);
        Assert.Equal(rest.End.CompletionTokens, rest.Text.Length);
        Assert.False(fixture.Engine.Cancel("long"));
    }

    [Fact]
    public async Task Two_requests_of_one_name_cannot_run_at_once()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 512));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with { RequestId = "twin" };
        var first = await Running.StartAsync(fixture, request);

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(request));
        await first.RestAsync();
        Assert.Equal(Failure.DuplicateRequest, refusal.Failure);
        Assert.Equal("ab", (await fixture.Engine.GenerateAsync(request with { Stopping = new StoppingOptions { MaxTokens = 2 } })).Text);
    }

    [Fact]
    public async Task A_step_that_fails_ends_its_requests_and_not_the_engine()
    {
        await using var fixture = new EngineFixture();
        var small = ToyStudent.Config with { VocabularySize = 200 };
        await fixture.InstallAsync(number => ToyStudent.Version(
            number, small, ToyStudent.RandomWeights(small, 1), ToyStudent.LanguageOf(Bytes.VocabularySize)));

        // A token that the language lets pass and the embedding does not have.
        var failure = await Assert.ThrowsAsync<GenerationException>(
            () => fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([250]))));

        Assert.Equal(Failure.StepFailed, failure.Failure);
        Assert.NotEmpty((await fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([10]), 4))).Tokens);
        Assert.Equal(0, fixture.Engine.Load.Running);
    }

    [Fact]
    public async Task Logits_that_are_not_finite_fail_the_request_and_leave_nothing_behind_in_the_slot()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 2 });
        var weights = ToyStudent.RandomWeights(ToyStudent.Config, 1);
        using (var poisoned = weights[LlamaParameters.EmbeddingName].narrow(0, 100, 1))
        {
            using Scalar notANumber = float.NaN;
            poisoned.fill_(notANumber);
        }

        await fixture.InstallAsync(number => ToyStudent.Version(number, ToyStudent.Config, weights));
        int[] longPrompt = [.. Enumerable.Repeat(7, 60)];

        var failure = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(
            EngineFixture.Greedy(new PromptInput.Tokens([.. longPrompt, 100]))));

        // The short one is in the slot of the failed one, and is read to the length of its neighbour.
        Assert.Equal(Failure.StepFailed, failure.Failure);
        await Task.WhenAll(
            fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([1]), 40)),
            fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([.. longPrompt]), 40)));
    }

    [Fact]
    public async Task Stopping_lets_those_in_flight_finish_and_refuses_new_ones()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 512));
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));

        var stop = fixture.Engine.StopAsync(TimeSpan.FromMinutes(1));
        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken)));
        var rest = await running.RestAsync();
        await stop;

        Assert.Equal(Failure.Stopping, refusal.Failure);
        Assert.Equal(EndReason.Length, rest.End!.Reason);
        Assert.Equal(VersionState.Unloaded, fixture.Versions.Find(1)!.State);
    }

    [Fact]
    public async Task Stopping_at_once_fails_what_runs_and_what_waits()
    {
        var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 1 });
        await fixture.InstallAsync(number => ToyStudent.Speller(number, Forward, endless: true, context: 2048));
        var running = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        var waiting = fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken));

        await fixture.DisposeAsync();

        Assert.Equal(Failure.Stopping, (await Assert.ThrowsAsync<GenerationException>(running.RestAsync)).Failure);
        Assert.Equal(Failure.Stopping, (await Assert.ThrowsAsync<GenerationException>(() => waiting)).Failure);
    }
}
