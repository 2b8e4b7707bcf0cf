using CsCheck;
using Orca.Serving.Batching;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Batching;

/// <summary>What one caller has begun, however much it is, does not keep another waiting for as long as it runs.</summary>
public class PlaceSharingTests
{
    private static readonly EngineOptions Options = new() { MaxContextTokens = 64, MaxConcurrentRequests = 8, MaxQueuedRequests = 1_000 };

    [Fact]
    public async Task A_request_goes_before_the_waiting_samples_of_a_caller_that_holds_more_places()
    {
        var drill = Loaded();
        var many = drill.Ask([1, 2, 3], 10, samples: 64, caller: "many");
        drill.Step();
        var one = drill.Ask([4, 5], 10, caller: "one");
        var steps = Finish(drill, one);

        Assert.InRange(steps, 10, 25);
        Assert.Equal(TracingModel.Answer([4, 5], 10, 1), (await EngineDrill.AnswerOf(one)).Tokens);
        drill.Finish();
        Assert.All(await EngineDrill.AnswerOfAll(many), tokens => Assert.Equal(TracingModel.Answer([1, 2, 3], 10, 1), tokens));
    }

    [Fact]
    public void A_steady_caller_of_few_requests_does_not_keep_the_samples_of_another_from_half_the_places()
    {
        var drill = Loaded();
        var many = drill.Ask([1, 2, 3], 10, samples: 64, caller: "many");
        var begun = new List<Sequence>();
        for (var step = 0; !many.HasEnded; step++)
        {
            Assert.InRange(step, 0, 64 / 4 * 15);
            while (begun.Count(sequence => !sequence.HasEnded) < 12)
            {
                begun.Add(drill.Ask([4, 5, begun.Count], 10, caller: "steady"));
            }

            drill.Step();
        }
    }

    [Fact]
    public async Task After_its_patience_a_request_gets_a_place_of_the_caller_that_holds_most()
    {
        var drill = Loaded();
        var longest = Enumerable.Range(0, 8).Select(i => drill.Ask([i, 1, 2], 60, caller: "long")).ToList();
        drill.Step();
        var waiting = Enumerable.Range(0, 6).Select(i => drill.Ask([i, 3], 50, caller: "short")).ToList();
        drill.Step();
        Assert.All(waiting, sequence => Assert.Null(sequence.First));

        drill.Clock.Advance(PlaceSharing.Patience);
        drill.Step();

        Assert.Equal(4, waiting.Count(sequence => sequence.First is { IsSeated: true }));
        Assert.Equal([true, true, true, true, false, false, false, false], longest.Select(sequence => sequence.First!.IsSeated));
        drill.Finish();
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(TracingModel.Answer([i, 1, 2], 60, 1), (await EngineDrill.AnswerOf(longest[i])).Tokens);
        }
    }

    [Fact]
    public void A_caller_without_a_name_gives_up_a_place_like_any_other()
    {
        var drill = Loaded();
        for (var i = 0; i < 8; i++)
        {
            drill.Ask([i, 1, 2], 60, caller: i < 7 ? "" : "last");
        }

        drill.Step();
        var waiting = drill.Ask([4, 5], 10, caller: "short");
        drill.Clock.Advance(PlaceSharing.Patience);
        drill.Step();

        Assert.True(waiting.First is { IsSeated: true });
    }

    [Fact]
    public void Requests_of_one_caller_wait_their_turn()
    {
        var drill = Loaded();
        var first = Enumerable.Range(0, 8).Select(i => drill.Ask([i, 1, 2], 60, caller: "same")).ToList();
        drill.Step();
        var later = drill.Ask([4, 5], 10, caller: "same");
        drill.Clock.Advance(2 * PlaceSharing.Patience);
        drill.Step();

        Assert.Null(later.First);
        drill.Finish();
        Assert.All(first, sequence => Assert.Equal(0, sequence.First!.Preemptions));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Where_blocks_and_not_places_run_out_a_request_gets_those_of_the_caller_that_holds_most(int samples)
    {
        // Two long answers take all blocks.
        var drill = Loaded(Options with { MaxCacheBytes = 32 * 4 * sizeof(ulong) });
        var longest = Enumerable.Range(0, 8).Select(i => drill.Ask([i, 1, 2], 60, caller: "long", samples: samples)).ToList();
        for (var step = 0; step < 40; step++)
        {
            drill.Step();
        }

        var one = drill.Ask([4, 5, 6, 7, 8, 9], 20, caller: "one");
        drill.Clock.Advance(PlaceSharing.Patience);

        Assert.InRange(Finish(drill, one), 20, 30);
        Assert.Equal(0, one.First!.Preemptions);
        Assert.Equal(TracingModel.Answer([4, 5, 6, 7, 8, 9], 20, 1), (await EngineDrill.AnswerOf(one)).Tokens);
        drill.Finish();
        for (var i = 0; i < 8; i++)
        {
            Assert.All(await EngineDrill.AnswerOfAll(longest[i]), tokens => Assert.Equal(TracingModel.Answer([i, 1, 2], 60, 1), tokens));
        }
    }

    [Fact]
    public void When_blocks_run_out_the_caller_that_holds_most_gives_them_up_and_not_who_came_last()
    {
        var drill = Loaded(Options with { MaxCacheBytes = 32 * 4 * sizeof(ulong) });
        for (var i = 0; i < 6; i++)
        {
            drill.Ask([i, 1, 2], 60, caller: "long");
        }

        drill.Step();
        var one = drill.Ask([4, 5], 40, caller: "one");
        Assert.InRange(Finish(drill, one), 40, 50);
        Assert.Equal(0, one.First!.Preemptions);
        drill.Finish();
    }

    [Theory]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(1_000)]
    public void Whatever_one_caller_sends_another_has_its_first_token_soon_after_its_patience(int blocks) =>
        Gen.Int[0, 9].Select(Gen.Int[0, 63], Gen.Int[1, 20]).Array[60].Sample(flood => Flood(flood, blocks), iter: 60);

    private static void Flood((int Kind, int A, int B)[] flood, int blocks)
    {
        var drill = Loaded(Options with { MaxCacheBytes = blocks * 4 * sizeof(ulong) });
        drill.Takes = (_, _) => PlaceSharing.Patience / 10;
        var one = default(Sequence);
        var steps = 0;
        foreach (var (kind, a, b) in flood)
        {
            switch (kind)
            {
                case 0 when drill.Scheduler.Lanes.All.Count < 2:
                    drill.Load();
                    break;
                case 1:
                    drill.Cancel(drill.Sequences.Where(sequence => sequence != one).ElementAtOrDefault(a) ?? drill.Ask([1], 1, caller: "many"));
                    break;
                case <= 3:
                    drill.Ask([a, b, 3], 60, samples: 1 + a, priority: Priority.High, caller: "many");
                    break;
                default:
                    drill.Ask(Enumerable.Range(a, b), 60 - b, OnUpdate.Recompute, priority: (Priority)(a % 3), caller: "many");
                    break;
            }

            if (one is null or { HasEnded: true })
            {
                (one, steps) = (drill.Ask([200 + (a % 50), 4, 5], 1 + b, priority: Priority.Low, caller: "one"), 0);
            }

            drill.Step();
            steps += one.Samples[0]?.Answer.Count > 0 ? -steps : 1;
            Assert.InRange(steps, 0, 20);
        }
    }

    private static EngineDrill Loaded(EngineOptions? options = null)
    {
        var drill = new EngineDrill(options ?? Options);
        drill.Load();
        return drill;
    }

    private static int Finish(EngineDrill drill, Sequence sequence)
    {
        var steps = 0;
        for (; !sequence.HasEnded; steps++)
        {
            Assert.InRange(steps, 0, 1_000);
            drill.Step();
        }

        return steps;
    }
}
