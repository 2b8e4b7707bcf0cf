using CsCheck;
using Orca.Serving.Batching;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Batching;

/// <summary>
/// Requests that come, leave, lose their places and see new versions at random, over a cache far too small for them. Every
/// block is counted after every step, everything ends, and every answer is the one its versions give.
/// </summary>
public class SchedulerPropertyTests
{
    private static readonly Gen<(int Kind, int A, int B)[]> Operations = Gen.Int[0, 15].Select(Gen.Int[0, 999], Gen.Int[0, 999]).Array[10, 120];

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    [InlineData(1_000)]
    public void Whatever_happens_no_block_is_lost_everything_ends_and_no_answer_is_wrong(int blockTokens) =>
        Operations.Sample(operations => RunAsync(operations, blockTokens).GetAwaiter().GetResult(), iter: 150);

    private static async Task RunAsync((int Kind, int A, int B)[] operations, int blockTokens)
    {
        var drill = new EngineDrill(
            new EngineOptions
            {
                MaxConcurrentRequests = 6,
                MaxContextTokens = 32,
                MaxCacheBytes = 20 * 4 * sizeof(ulong),
                MaxPrefillTokens = 16,
                MaxDecodeStall = TimeSpan.FromMilliseconds(8),
                MaxQueuedRequests = 1_000,
            },
            blockTokens)
        {
            Takes = (rows, tokens) => TimeSpan.FromMilliseconds(1 + (tokens / 2)),
        };
        drill.Load();
        foreach (var (kind, a, b) in operations)
        {
            Apply(drill, kind, a, b);
            drill.Audit();
        }

        drill.Finish();
        Assert.Equal(0, drill.Pool.Used);
        var versions = Enumerable.Range(1, (int)drill.NextNumber()).ToList();
        Assert.Equal(
            Enumerable.Range(0, drill.Pool.Count).Sum(drill.Pool.Held.In),
            versions.Sum(version => drill.Versions.Ledger.TokensOf(version)));
        drill.Pool.Forget(null);
        Assert.All(versions, version => Assert.Equal(0, drill.Versions.Ledger.TokensOf(version)));
        foreach (var sequence in drill.Sequences)
        {
            await CheckAsync(sequence);
        }
    }

    private static void Apply(EngineDrill drill, int kind, int a, int b)
    {
        var running = drill.Scheduler.Lanes.All.SelectMany(lane => lane.Running).ToList();
        switch (kind)
        {
            case <= 3:
                // Four beginnings, so that many begin alike.
                drill.Ask(
                    Enumerable.Range(0, 1 + (a % 20)).Select(i => i < 12 ? (a % 4) + i : (a + i) % 250), 1 + (b % 12), (OnUpdate)(b % 4),
                    samples: b % 5 == 0 ? 3 : 1, (Priority)(a % 3), salt: b % 7 == 0 ? "own" : "", caller: a % 3 == 0 ? "another" : "");
                break;
            case 4 when drill.Sequences.Count > 0:
                drill.Cancel(drill.Sequences[a % drill.Sequences.Count]);
                break;
            case 5 when b % 3 == 0:
                drill.Load();
                break;
            case 6 when running.Count > 0:
                drill.Scheduler.Placement.Preempt(running[a % running.Count]);
                break;
            case 7 when a % 2 == 0:
                drill.Clock.Advance(PlaceSharing.Patience);
                break;
            case 7:
                drill.Pool.Forget(null);
                break;
            case 8 when drill.Scheduler.Lanes.All.FirstOrDefault(
                lane => !drill.Scheduler.Traffic.Includes(lane.Version.Number) && !lane.IsLeaving) is { } idle:
                drill.Versions.Unload(idle.Version.Number, new TaskCompletionSource());
                break;
            case 9 when drill.Scheduler.Lanes.All is [var first, var second, ..] && !first.IsLeaving && !second.IsLeaving:
                drill.Versions.SetTraffic(new TrafficSplit([(first.Version.Number, 30), (second.Version.Number, 70)]));
                break;
            case 10 when b % 3 == 0 && !drill.Versions.IsReplacing:
                var number = drill.NextNumber();
                drill.Versions.Replace(() => drill.Make(number), fault => throw fault, new TaskCompletionSource());
                break;
            default:
                drill.Step();
                break;
        }
    }

    private static async Task CheckAsync(Sequence sequence)
    {
        var events = await EngineDrill.EventsOf(sequence);
        Assert.Equal(sequence.Samples.Length, events.OfType<GenerationEvent.Finished>().Count());
        foreach (var end in events.OfType<GenerationEvent.Finished>())
        {
            var deltas = events.OfType<GenerationEvent.Delta>().Where(delta => delta.Sample == end.Sample).ToList();
            int[] tokens = [.. deltas.SelectMany(delta => delta.Tokens)];
            long[] versions = [.. deltas.SelectMany(delta => delta.Tokens.Select(_ => delta.Version))];
            Assert.Equal(versions, end.VersionSpans.SelectMany(span => Enumerable.Repeat(span.Version, span.Count)));
            Assert.Equal(tokens.Length, end.CompletionTokens);
            if (end.Reason == EndReason.Length)
            {
                Assert.Equal(Math.Min(sequence.Request.Stopping.MaxTokens!.Value, 32 - sequence.Prompt.Length), tokens.Length);
            }

            var policy = sequence.Request.Weights.OnUpdate;
            Assert.True(policy is OnUpdate.Follow or OnUpdate.Recompute || versions.Distinct().Count() <= 1);
            for (var i = 0; i < tokens.Length && policy != OnUpdate.Follow; i++)
            {
                // Every key and value it saw was computed by the version that made the token.
                var seen = sequence.Prompt.Concat(tokens.Take(i)).ToArray();
                Assert.Equal(TracingModel.Next(seen, _ => (ulong)versions[i], (ulong)versions[i]), tokens[i]);
            }
        }
    }
}
