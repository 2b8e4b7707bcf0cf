using Orca.Serving.Batching;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Batching;

/// <summary>Whose keys and values the cache holds, and how many.</summary>
public class CacheLedgerTests
{
    private static readonly EngineOptions Options = new() { MaxContextTokens = 64, MaxQueuedRequests = 1_000 };
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 21)];

    [Fact]
    public void Every_token_computed_counts_and_what_can_be_found_again_still_counts_after_the_end()
    {
        var (drill, version) = Drill();
        var request = drill.Ask(Prompt, 9);
        while (request.Completion < 1)
        {
            drill.Step();
        }

        Assert.Equal(21, drill.Versions.Ledger.TokensOf(version));
        drill.Step();
        drill.Step();
        Assert.Equal(23, drill.Versions.Ledger.TokensOf(version));

        // The answer's last token is told and never computed: 21 + 8, of which whole blocks of 4 can be found.
        drill.Finish();
        Assert.Equal(28, drill.Versions.Ledger.TokensOf(version));
        drill.Pool.Forget(version);
        Assert.Equal(0, drill.Versions.Ledger.TokensOf(version));
    }

    [Fact]
    public void What_requests_and_samples_share_counts_once()
    {
        var (drill, version) = Drill();
        drill.Ask(Prompt, 1);
        drill.Finish();
        Assert.Equal(20, drill.Versions.Ledger.TokensOf(version));
        drill.Ask(Prompt, 8);
        var several = drill.Ask(Prompt, 8, samples: 3);
        while (several.Completion < 9)
        {
            drill.Step();
        }

        // The 20 in shared blocks, and what each of the four has in blocks of its own: the 21st, and its answer.
        var running = drill.Scheduler.Lanes.All[0].Running;
        Assert.Equal(4, running.Count);
        Assert.Equal(20 + running.Sum(sample => sample.Cached - 20), drill.Versions.Ledger.TokensOf(version));
    }

    [Fact]
    public void A_request_that_goes_on_with_a_newer_version_leaves_each_what_it_computed()
    {
        var (drill, old) = Drill();
        var follower = drill.Ask(Prompt, 12, OnUpdate.Follow);
        while (follower.Completion < 2)
        {
            drill.Step();
        }

        var next = drill.Load();
        drill.Step();
        drill.Step();

        // The block that both wrote into is the newer one's: tokens 20 to 23.
        Assert.Equal((20, 4), (drill.Versions.Ledger.TokensOf(old), drill.Versions.Ledger.TokensOf(next)));
        drill.Finish();
        Assert.Equal((20, 0), (drill.Versions.Ledger.TokensOf(old), drill.Versions.Ledger.TokensOf(next)));
    }

    [Fact]
    public void An_unloaded_version_has_nothing()
    {
        var (drill, old) = Drill();
        drill.Ask(Prompt, 4);
        drill.Finish();
        drill.Load();
        Assert.NotEqual(0, drill.Versions.Ledger.TokensOf(old));
        drill.Versions.Unload(old, new TaskCompletionSource());
        drill.Finish();
        Assert.Equal(0, drill.Versions.Ledger.TokensOf(old));
    }

    private static (EngineDrill Drill, long Version) Drill()
    {
        var drill = new EngineDrill(Options);
        return (drill, drill.Load());
    }
}
