using System.Collections.Immutable;
using Orca.Serving.Batching;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Batching;

/// <summary>What becomes of requests when another version takes over, held against answers computed without any cache.</summary>
public class VersionPolicyTests
{
    private static readonly EngineOptions Options = new() { MaxContextTokens = 64, MaxQueuedRequests = 1_000 };
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 21)];

    // Pitfall 1, and the test of LMDeploy #4917: one prompt before, across and after an update, each time as a server
    // would answer that had never seen another version.
    [Theory]
    [InlineData(OnUpdate.Pin)]
    [InlineData(OnUpdate.Follow)]
    [InlineData(OnUpdate.Recompute)]
    [InlineData(OnUpdate.Abort)]
    public async Task Five_outputs_around_an_update_are_each_their_own_versions(OnUpdate policy)
    {
        var drill = new EngineDrill(Options);
        var old = drill.Load();
        var first = drill.Ask(Prompt, 8, policy);
        drill.Finish();
        var second = drill.Ask(Prompt, 8, policy);
        drill.Finish();
        var across = drill.Ask(Prompt, 8, policy);
        while (across.Completion < 4)
        {
            drill.Step();
        }

        var next = drill.Load();
        drill.Finish();
        var fourth = drill.Ask(Prompt, 8, policy);
        drill.Finish();
        drill.Versions.Activate(old, null);
        var back = drill.Ask(Prompt, 8, policy);
        drill.Finish();

        var ofOld = TracingModel.Answer(Prompt, 8, (ulong)old);
        var ofNext = TracingModel.Answer(Prompt, 8, (ulong)next);
        Assert.NotEqual(ofOld, ofNext);
        Assert.Equal(ofOld, (await EngineDrill.AnswerOf(first)).Tokens);
        await CheckAsync(second, 20, ofOld);

        // Only who had its keys and values computed again left some of the new version's.
        await CheckAsync(fourth, policy == OnUpdate.Recompute ? 20 : 0, ofNext);
        await CheckAsync(back, 20, ofOld);
        await CheckAcrossAsync(across, policy, (ulong)old, (ulong)next);
    }

    // What a request that follows leaves behind is a mixture, and must be found by nobody.
    [Fact]
    public async Task Blocks_that_two_versions_computed_are_never_found_again()
    {
        var drill = new EngineDrill(Options);
        drill.Load();
        var follower = drill.Ask(Prompt, 20, OnUpdate.Follow);
        while (follower.Completion < 3)
        {
            drill.Step();
        }

        var next = drill.Load();
        drill.Finish();
        int[] whole = [.. Prompt, .. (await EngineDrill.AnswerOf(follower)).Tokens];
        var again = drill.Ask(whole, 5);
        drill.Finish();

        await CheckAsync(again, 0, TracingModel.Answer(whole, 5, (ulong)next));
    }

    // Pitfall 10: the label names the version that made the token, not the one that was there when the request came.
    [Fact]
    public async Task A_request_that_waited_through_an_update_is_answered_and_labelled_by_the_new_version()
    {
        var drill = new EngineDrill(Options with { MaxConcurrentRequests = 1 });
        var old = drill.Load();
        var running = drill.Ask([1, 2], 12);
        drill.Step();
        var waiting = drill.Ask(Prompt, 4);
        drill.Step();
        var next = drill.Load();
        drill.Finish();

        Assert.Equal(TracingModel.Answer([1, 2], 12, (ulong)old), (await EngineDrill.AnswerOf(running)).Tokens);
        Assert.Equal(TracingModel.Answer(Prompt, 4, (ulong)next), (await EngineDrill.AnswerOf(waiting)).Tokens);
        Assert.Equal([new VersionSpan(next, 0, 4)], (await EngineDrill.AnswerOf(waiting)).End.VersionSpans);
        Assert.Equal(next, (await EngineDrill.EventsOf(waiting)).OfType<GenerationEvent.Accepted>().Single().Version);
    }

    [Fact]
    public async Task A_version_can_be_imposed_on_running_requests_whatever_they_ask_for()
    {
        var drill = new EngineDrill(Options);
        drill.Load();
        var pinned = drill.Ask(Prompt, 10);
        while (pinned.Completion < 2)
        {
            drill.Step();
        }

        var next = drill.Load(activate: false);
        drill.Versions.Activate(next, OnUpdate.Recompute);
        drill.Finish();
        var (tokens, end) = await EngineDrill.AnswerOf(pinned);

        Assert.Equal([1, next], end.VersionSpans.Select(span => span.Version));
        Assert.Equal(next, end.OldestCacheVersion);
        Assert.Equal(TracingModel.Next([.. Prompt, .. tokens[..^1]], _ => (ulong)next, (ulong)next), tokens[^1]);
    }

    // Pitfall 11: the plan in place loses no block, and pinned requests end on their own version.
    [Fact]
    public async Task Replacing_in_place_waits_for_pinned_requests_frees_the_old_weights_first_and_goes_on_with_the_others()
    {
        var drill = new EngineDrill(Options);
        var old = drill.Load();
        var requests = Enum.GetValues<OnUpdate>().Select(policy => drill.Ask([.. Prompt, (int)policy], 12, policy)).ToList();
        while (requests.Any(request => request.Completion < 2))
        {
            drill.Step();
        }

        var weights = (TracingModel)drill.Scheduler.Lanes.All[0].Version.Model;
        var (done, number, wereFreed) = (new TaskCompletionSource(), drill.NextNumber(), false);
        drill.Versions.Replace(
            () =>
            {
                wereFreed = weights.IsDisposed;
                return drill.Make(number);
            },
            fault => throw fault,
            done);
        drill.Finish();

        Assert.True(done.Task.IsCompletedSuccessfully && wereFreed);
        Assert.Equal(TracingModel.Answer([.. Prompt, (int)OnUpdate.Pin], 12, (ulong)old), (await EngineDrill.AnswerOf(requests[0])).Tokens);
        Assert.Equal([number], drill.Versions.Published.Loaded.Keys);
        Assert.Equal(0, drill.Pool.Used);

        // The others had their twelve tokens by then, or went on.
        foreach (var request in requests.Skip(1))
        {
            Assert.Contains((await EngineDrill.AnswerOf(request)).End.Reason, new[] { EndReason.Length, EndReason.WeightsUpdated });
        }
    }

    [Fact]
    public async Task Replacing_by_what_cannot_be_loaded_fails_the_running_requests_and_loses_no_block()
    {
        var drill = new EngineDrill(Options);
        drill.Load();
        var follower = drill.Ask(Prompt, 30, OnUpdate.Follow);
        while (follower.Completion < 2)
        {
            drill.Step();
        }

        var done = new TaskCompletionSource();
        drill.Versions.Replace(() => throw new IOException("gone"), fault => throw fault, done);
        drill.Step();

        await Assert.ThrowsAsync<IOException>(() => done.Task);
        await Assert.ThrowsAsync<GenerationException>(() => EngineDrill.EventsOf(follower));
        Assert.Empty(drill.Versions.Published.Loaded);
    }

    [Fact]
    public void Traffic_is_divided_exactly_and_evenly()
    {
        var split = new TrafficSplit([(1, 75), (2, 25)]);
        var chosen = Enumerable.Range(500, 100).Select(order => split.Choose(order, 0)).ToList();

        Assert.Equal(25, chosen.Count(version => version == 2));
        Assert.True(Enumerable.Range(0, 80).All(from => chosen.Skip(from).Take(20).Contains(2)));
        Assert.Equal(2, split.Choose(500, minVersion: 2));
        Assert.Null(split.Choose(500, minVersion: 3));
    }

    [Fact]
    public void A_split_that_does_not_sum_up_is_refused_with_its_sum()
    {
        Assert.Contains("90", new TrafficSplit([(1, 60), (2, 30)]).Fault());
        Assert.NotNull(new TrafficSplit([(1, 50), (1, 50)]).Fault());
        Assert.NotNull(new TrafficSplit(ImmutableArray<(long, int)>.Empty).Fault());
        Assert.Null(new TrafficSplit([(1, 60), (2, 40)]).Fault());
    }

    private static async Task CheckAsync(Sequence sequence, int found, int[] answer)
    {
        var (tokens, end) = await EngineDrill.AnswerOf(sequence);
        Assert.Equal(answer, tokens);
        Assert.Equal(found, end.CachedPromptTokens);
    }

    private static async Task CheckAcrossAsync(Sequence across, OnUpdate policy, ulong old, ulong next)
    {
        var (tokens, end) = await EngineDrill.AnswerOf(across);
        var versions = end.VersionSpans.SelectMany(span => Enumerable.Repeat((ulong)span.Version, span.Count)).ToArray();
        Assert.Equal(policy == OnUpdate.Abort ? (4, EndReason.WeightsUpdated) : (8, EndReason.Length), (tokens.Length, end.Reason));
        Assert.Equal(policy is OnUpdate.Pin ? [old] : policy is OnUpdate.Abort ? [old] : [old, next], versions.Distinct());
        Assert.Equal((long)(policy == OnUpdate.Recompute ? next : old), end.OldestCacheVersion);
        for (var i = 0; i < tokens.Length; i++)
        {
            // Pin and Recompute see one version alone; who follows sees each token as it was computed, a step after it was made.
            var at = i;
            var made = TracingModel.Next(
                [.. Prompt, .. tokens[..i]],
                position => policy != OnUpdate.Follow ? versions[at] : versions[Math.Max(0, position - Prompt.Length + 1)],
                versions[i]);
            Assert.Equal(made, tokens[i]);
        }

        Assert.Equal(policy == OnUpdate.Recompute, end.RecomputedTokens > 0);
    }
}
