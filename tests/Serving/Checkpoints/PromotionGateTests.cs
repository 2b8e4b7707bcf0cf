using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

public class PromotionGateTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_followed_checkpoint_that_the_gate_objects_to_never_answers_and_a_better_one_does()
    {
        using var publisher = new Publisher();
        var gate = new Gate(candidate => candidate.TrainerStep == 2 ? "it is worse" : null);
        publisher.PublishSpeller(1, "abc");
        await using var server = Follow(publisher, gate);
        await server.WaitForStepAsync(1, Cancelled);

        publisher.PublishSpeller(2, "abd");
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);
        Assert.Equal((1L, "it is worse"), (server.Versions.Active!.Number, server.Versions.Find(2)!.Reason));

        publisher.PublishSpeller(3, "abe");
        await server.WaitForStepAsync(3, Cancelled);
        Assert.Equal([(2L, 1L), (3L, 1L)], gate.Asked.Select(candidate => (candidate.Version, candidate.Active)));
    }

    [Fact]
    public async Task The_candidate_answers_by_its_number_while_the_gate_decides_and_others_are_answered_as_before()
    {
        using var publisher = new Publisher();
        StudentServer? server = null;
        var versions = new ConcurrentBag<(long Candidate, long Others)>();
        var gate = new Gate(async candidate =>
        {
            versions.Add((await VersionOfAsync(server!, candidate.Version), await VersionOfAsync(server!, null)));
            return null;
        });
        publisher.PublishSpeller(1, "abc");
        await using (server = Follow(publisher, gate))
        {
            await server.WaitForStepAsync(1, Cancelled);
            publisher.PublishSpeller(2, "abd");
            await server.WaitForStepAsync(2, Cancelled);
        }

        Assert.Equal((2L, 1L), Assert.Single(versions));
    }

    [Fact]
    public async Task A_gate_that_breaks_keeps_the_version_out_and_the_server_going()
    {
        using var publisher = new Publisher();
        var gate = new Gate(candidate => candidate.TrainerStep == 2
            ? Task.FromException<string?>(new InvalidOperationException("no questions"))
            : Task.FromResult<string?>(null));
        publisher.PublishSpeller(1, "abc");
        await using var server = Follow(publisher, gate);
        await server.WaitForStepAsync(1, Cancelled);

        publisher.PublishSpeller(2, "abd");
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);
        publisher.PublishSpeller(3, "abe");
        await server.WaitForStepAsync(3, Cancelled);
    }

    [Fact]
    public async Task Whoever_sees_that_it_is_rejected_reads_why_and_it_stays_rejected()
    {
        using var publisher = new Publisher();
        var gate = new Gate(candidate => candidate.TrainerStep == 2 ? "it is worse" : null);
        publisher.PublishSpeller(1, "abc");
        await using var server = Follow(publisher, gate);
        await server.WaitForStepAsync(1, Cancelled);
        using var watched = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var seen = new ConcurrentQueue<VersionRecord>();
        var watch = Task.Run(
            async () =>
            {
                await foreach (var record in server.Versions.WatchAsync(0, watched.Token).Where(record => record.Number == 2))
                {
                    seen.Enqueue(record);
                }
            },
            Cancelled);

        publisher.PublishSpeller(2, "abd");
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);
        publisher.PublishSpeller(3, "abe");
        await server.WaitForStepAsync(3, Cancelled);
        await watched.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);

        var ends = seen.SkipWhile(record => record.State != VersionState.Rejected).ToArray();
        Assert.NotEmpty(ends);
        Assert.All(ends, record => Assert.Equal((VersionState.Rejected, "it is worse"), (record.State, record.Reason)));
    }

    [Fact]
    public async Task What_a_caller_has_loaded_by_name_is_not_judged()
    {
        using var publisher = new Publisher();
        var gate = new Gate(candidate => candidate.TrainerStep == 2 ? "it is worse" : null);
        publisher.PublishSpeller(1, "abc");
        await using var server = Follow(publisher, gate);
        await server.WaitForStepAsync(1, Cancelled);
        var folder = publisher.PublishSpeller(2, "abd");
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);

        var last = await server.LoadAsync(folder, activate: true, lift: true, Cancelled).LastAsync(Cancelled);

        Assert.True(last.State == VersionState.Active, last.Reason);
        Assert.Equal(2L, server.Versions.Active!.TrainerStep);
        Assert.Single(gate.Asked);
    }

    private static StudentServer Follow(Publisher publisher, IPromotionGate gate) => StudentServer.Follow(
        publisher.Root, new EngineOptions(), NullLoggerFactory.Instance,
        loading: new LoadingOptions { MinInterval = TimeSpan.Zero, MaxProbeDivergence = double.MaxValue, Gate = gate });

    private static async Task<long> VersionOfAsync(StudentServer server, long? version)
    {
        var request = new GenerationRequest
        {
            Prompt = new PromptInput.Chat("", "a"),
            Sampling = SamplingOptions.Greedy,
            Stopping = new StoppingOptions { MaxTokens = 2 },
            Weights = new WeightPolicy { PinVersion = version },
        };
        return (await server.Engine.GenerateAsync(request, Cancelled)).Version;
    }

    private sealed class Gate(Func<PromotionCandidate, Task<string?>> decide) : IPromotionGate
    {
        public Gate(Func<PromotionCandidate, string?> decide) : this(candidate => Task.FromResult(decide(candidate)))
        {
        }

        public ConcurrentQueue<PromotionCandidate> Asked { get; } = [];

        public Task<string?> ObjectionAsync(PromotionCandidate candidate, CancellationToken cancellationToken)
        {
            Asked.Enqueue(candidate);
            return decide(candidate);
        }
    }
}
