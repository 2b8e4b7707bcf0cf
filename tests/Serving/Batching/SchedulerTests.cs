using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Batching;

public class SchedulerTests
{
    private static readonly EngineOptions Options = new() { MaxContextTokens = 64, MaxConcurrentRequests = 8, MaxQueuedRequests = 1_000 };

    // Pitfalls 13 to 16: whoever leaves, whenever it is, frees its blocks before the next step, and its neighbour goes on unchanged.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_cancel_in_any_phase_frees_its_blocks_within_a_step_and_leaves_the_neighbour_as_it_was(int samples)
    {
        for (var after = 0; after < 30; after++)
        {
            var drill = new EngineDrill(Options with { MaxPrefillTokens = 8 });
            drill.Load();
            int[] shared = [.. Enumerable.Range(0, 24)];
            var neighbour = drill.Ask([.. shared, 1], 20);
            var leaver = drill.Ask([.. shared, 2], 10, samples: samples);
            for (var step = 0; step < after; step++)
            {
                drill.Step();
            }

            drill.Cancel(leaver);
            drill.Step();

            Assert.All(leaver.Samples.ToArray(), sample => Assert.True(sample is null || (sample.Table.Count == 0 && !sample.IsSeated)));
            drill.Finish();
            Assert.Equal(TracingModel.Answer([.. shared, 1], 20, 1), (await EngineDrill.AnswerOf(neighbour)).Tokens);
            Assert.Equal(samples, (await EngineDrill.EventsOf(leaver)).OfType<GenerationEvent.Finished>().Count());
            Assert.Equal(0, drill.Pool.Used);
        }
    }

    // Pitfall 22: when the cache is exhausted, the youngest is computed again later; nothing hangs, nothing is refused.
    [Fact]
    public async Task When_blocks_run_out_the_last_by_rank_gives_its_own_up_and_everyone_gets_the_right_answer()
    {
        var drill = new EngineDrill(Options with { MaxCacheBytes = 64 * sizeof(ulong) });
        drill.Load();
        var requests = Enumerable.Range(0, 6)
            .Select(i => drill.Ask([i, 7, 9], 40, priority: i == 5 ? Priority.High : Priority.Normal)).ToList();
        drill.Finish();

        var ends = new List<GenerationEvent.Finished>();
        for (var i = 0; i < requests.Count; i++)
        {
            var (tokens, end) = await EngineDrill.AnswerOf(requests[i]);
            Assert.Equal(TracingModel.Answer([i, 7, 9], 40, 1), tokens);
            ends.Add(end);
        }

        Assert.Equal(0, ends[5].Timings.Preemptions);
        Assert.True(ends[0].Timings.Preemptions <= 1, "the first loses its place to the urgent one alone");
        Assert.True(ends[4].Timings.Preemptions > 0);
        Assert.True(ends.Sum(end => end.RecomputedTokens) > 0);
    }

    [Fact]
    public async Task Samples_of_one_prompt_share_its_blocks_and_draw_as_if_each_were_alone()
    {
        var drill = new EngineDrill(Options);
        drill.Load();
        int[] prompt = [.. Enumerable.Range(0, 22)];
        var request = drill.Ask(prompt, 6, samples: 4);
        while (request.Completion == 0)
        {
            drill.Step();
        }

        // Five full blocks once, and each its own for the rest: a neighbour could not write into it.
        Assert.Equal(5 + 4, drill.Pool.Used);
        drill.Finish();
        for (var sample = 0; sample < 4; sample++)
        {
            Assert.Equal(TracingModel.Answer(prompt, 6, 1), (await EngineDrill.AnswerOfAll(request))[sample]);
        }
    }

    [Fact]
    public async Task More_samples_than_places_are_made_all_the_same()
    {
        var drill = new EngineDrill(Options with { MaxConcurrentRequests = 2 });
        drill.Load();
        var request = drill.Ask([1, 2, 3, 4, 5], 6, samples: 5);
        drill.Finish();

        Assert.All(await EngineDrill.AnswerOfAll(request), tokens => Assert.Equal(TracingModel.Answer([1, 2, 3, 4, 5], 6, 1), tokens));
    }

    // Pitfall 20, one direction: a long prompt delays the next tokens of others by no more than the setting.
    [Fact]
    public void A_long_prompt_stalls_decoding_by_no_more_than_the_setting()
    {
        var drill = new EngineDrill(Options with { MaxContextTokens = 256, MaxDecodeStall = TimeSpan.FromMilliseconds(100) })
        {
            Takes = (rows, tokens) => TimeSpan.FromMilliseconds(20 + (3 * tokens)),
        };
        drill.Load();
        drill.Ask([1], 120);
        for (var step = 0; step < 10; step++)
        {
            drill.Step();
        }

        var before = drill.Steps.Count;
        drill.Ask(Enumerable.Range(0, 240).Select(i => i % 250), 2);
        drill.Finish();

        var during = drill.Steps.Skip(before).Where(step => step.PrefillTokens > 0).ToList();
        Assert.Equal(240, during.Sum(step => step.PrefillTokens));
        Assert.All(during, step => Assert.True(step.Time <= TimeSpan.FromMilliseconds(110), $"{step}"));
        Assert.True(during.Count <= 14, $"{during.Count} steps: the time there is for prompts is used");
    }

    // Pitfall 20, the other: neither a stream of short prompts nor decoding starves a long one, nor a long one a short.
    [Fact]
    public async Task A_long_prompt_and_short_ones_all_move_within_the_patience()
    {
        var drill = new EngineDrill(Options with { MaxContextTokens = 256, MaxConcurrentRequests = 6, PrefillPatience = 4, MaxDecodeStall = TimeSpan.FromMilliseconds(50) })
        {
            // Decoding alone takes all the time there is.
            Takes = (rows, tokens) => TimeSpan.FromMilliseconds(50 + tokens),
        };
        drill.Load();
        drill.Ask([1], 250);
        for (var step = 0; step < 5; step++)
        {
            drill.Step();
        }

        var attackers = Enumerable.Range(0, 3).Select(i => drill.Ask(Enumerable.Range(i, 200).Select(t => t % 250), 1)).ToList();
        var victim = drill.Ask([9, 8, 7, 6, 5, 4, 3, 2], 1);
        var steps = 0;
        for (; !victim.HasEnded; steps++)
        {
            drill.Step();
        }

        Assert.True(steps <= 10, $"a short prompt behind long ones took {steps} steps");
        var moved = attackers.ToDictionary(attacker => attacker, attacker => (attacker.First!.Cached, Step: 0));
        for (var step = 1; attackers.Any(attacker => !attacker.HasEnded); step++)
        {
            drill.Ask([step % 250, 2, 3], 1);
            drill.Step();
            foreach (var attacker in attackers.Where(attacker => !attacker.HasEnded))
            {
                moved[attacker] = attacker.First!.Cached != moved[attacker].Cached ? (attacker.First.Cached, step) : moved[attacker];
                Assert.True(
                    step - moved[attacker].Step <= 4 + attackers.Count + 1, $"a long prompt stood for {step - moved[attacker].Step} steps");
            }
        }

        Assert.Single((await EngineDrill.AnswerOf(attackers[0])).Tokens);
    }

    [Fact]
    public void Prompts_are_prefilled_beside_those_that_decode_and_not_in_their_place()
    {
        var drill = new EngineDrill(Options);
        drill.Load();
        drill.Ask([1], 30);
        drill.Step();
        drill.Step();
        drill.Ask(Enumerable.Range(0, 40), 2);
        drill.Step();

        Assert.True(drill.Steps[^1] is { DecodeRows: 1, PrefillTokens: > 0 });
    }

    [Fact]
    public async Task A_prompt_that_begins_as_another_did_computes_the_rest_alone_and_says_so()
    {
        var drill = new EngineDrill(Options);
        drill.Load();
        int[] prompt = [.. Enumerable.Range(0, 18)];
        drill.Ask(prompt, 2);
        drill.Finish();
        var before = drill.Steps.Sum(step => step.PrefillTokens);
        var again = drill.Ask(prompt, 5);
        var salted = drill.Ask(prompt, 5, salt: "other");
        drill.Finish();

        Assert.Equal(
            (16, 0),
            ((await EngineDrill.AnswerOf(again)).End.CachedPromptTokens, (await EngineDrill.AnswerOf(salted)).End.CachedPromptTokens));
        Assert.Equal(2 + 18, drill.Steps.Sum(step => step.PrefillTokens) - before);
    }
}
