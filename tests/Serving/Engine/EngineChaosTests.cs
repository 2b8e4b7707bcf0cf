using Orca.Model.Inference;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

/// <summary>
/// Many callers at once on a cache too small for them, some of whom leave: on a small student that really computes, with
/// every block counted after every step.
/// </summary>
public class EngineChaosTests
{
    // By our own kernels a row does not depend on its neighbours, so every answer must be the one given alone, to the token;
    // by libtorch it is that in steps of its own.
    [Theory]
    [InlineData(InferenceBackend.Cpu, false)]
    [InlineData(InferenceBackend.Torch, true)]
    public async Task Whoever_comes_and_goes_every_answer_is_the_one_given_alone(InferenceBackend backend, bool deterministic)
    {
        var random = new Random(5);
        var requests = Enumerable.Range(0, 24).Select(i => Request(random, i, deterministic)).ToList();
        var expected = await AnswersAloneAsync(backend, requests);

        // Room for three or four of them at once.
        await using var fixture = new EngineFixture(new EngineOptions
        {
            Audit = true,
            MaxConcurrentRequests = 8,
            MaxContextTokens = 128,
            MaxCacheBytes = 1 << 18,
            MaxPrefillTokens = 24,
        });
        await fixture.InstallAsync(number => ToyStudent.Random(number, 3, backend));
        var calls = requests.Select((request, i) => CallAsync(fixture, request with { RequestId = $"kept-{i}" })).ToList();
        var leavers = requests.Select((request, i) => LeaveAsync(fixture, request with { RequestId = $"left-{i}" }, i % 7)).ToList();

        Assert.Equal(expected, await Task.WhenAll(calls));
        await Task.WhenAll(leavers);
        await Patience.UntilAsync(() => fixture.Engine.Load is { Running: 0, Waiting: 0, UsedBlocks: 0 });
        Assert.False(fixture.Engine.Completion.IsCompleted);
    }

    private static GenerationRequest Request(Random random, int number, bool deterministic) => new()
    {
        Prompt = new PromptInput.PlainText(string.Concat(Enumerable.Repeat("begins alike ", number % 3)) + new string('q', random.Next(1, 30))),
        Sampling = new SamplingOptions { Seed = (ulong)number, Temperature = number % 2, Deterministic = deterministic },
        Stopping = new StoppingOptions { MaxTokens = random.Next(1, 60), IgnoreEos = true },
        Scheduling = new SchedulingOptions { Priority = (Priority)(number % 3) },
    };

    private static async Task<string[]> AnswersAloneAsync(InferenceBackend backend, List<GenerationRequest> requests)
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxContextTokens = 128 });
        await fixture.InstallAsync(number => ToyStudent.Random(number, 3, backend));
        var answers = new List<string>();
        foreach (var request in requests)
        {
            answers.Add(await CallAsync(fixture, request));
        }

        return [.. answers];
    }

    private static async Task<string> CallAsync(EngineFixture fixture, GenerationRequest request) =>
        string.Join(' ', (await fixture.Engine.GenerateAsync(request)).Tokens);

    /// <summary>Reads a few events, and leaves.</summary>
    private static async Task LeaveAsync(EngineFixture fixture, GenerationRequest request, int events)
    {
        using var gone = new CancellationTokenSource();
        var read = 0;
        try
        {
            if (events == 0)
            {
                await gone.CancelAsync();
            }

            await foreach (var _ in fixture.Engine.StreamAsync(request, gone.Token))
            {
                if (++read >= events)
                {
                    await gone.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.True(gone.IsCancellationRequested);
        }
    }
}
