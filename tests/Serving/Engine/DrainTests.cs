using System.Collections.Concurrent;
using Orca.Model.Inference;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

/// <summary>A drained engine has nothing in flight, whoever came at the same moment.</summary>
public class DrainTests
{
    private const int Callers = 6;

    [Fact]
    public async Task A_request_that_races_a_drain_is_refused_or_answered_in_whole_before_the_drain_is_done()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = Callers });
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef", context: 4096, backend: InferenceBackend.Cpu));
        for (var round = 0; round < 40; round++)
        {
            var outcomes = new ConcurrentBag<string>();
            using var enough = new CancellationTokenSource();
            var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(fixture, outcomes, enough.Token))).ToList();
            await Patience.UntilAsync(() => !outcomes.IsEmpty);

            await fixture.Engine.DrainAsync(TestContext.Current.CancellationToken);
            for (var look = 0; look < 200; look++)
            {
                Assert.Empty(fixture.Engine.Requests());
                await Task.Yield();
            }

            await enough.CancelAsync();
            await Task.WhenAll(callers);
            Assert.All(outcomes, outcome => Assert.True(outcome is "abcdef" or nameof(Failure.Draining), outcome));
            fixture.Engine.Resume();
        }
    }

    [Fact]
    public async Task A_drain_that_ends_in_a_resume_leaves_no_refusals_behind()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef", backend: InferenceBackend.Cpu));
        for (var round = 0; round < 100; round++)
        {
            var drain = Task.Run(() => fixture.Engine.DrainAsync(TestContext.Current.CancellationToken));
            fixture.Engine.Resume();
            await drain;
            fixture.Engine.Resume();
            Assert.Equal("ab", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 2))).Text);
        }
    }

    private static async Task CallAsync(EngineFixture fixture, ConcurrentBag<string> outcomes, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                outcomes.Add((await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken))).Text);
            }
            catch (GenerationException refusal)
            {
                outcomes.Add(refusal.Failure.ToString());
            }
        }
    }
}
