using Orca.Serving.Admission;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Admission;

/// <summary>Who gets in, seen from outside the engine. It is paused while they come, so that all of them wait.</summary>
public class AdmissionEngineTests
{
    [Fact]
    public async Task A_request_that_has_waited_as_long_as_it_may_ends_by_itself_though_no_step_is_made()
    {
        await using var fixture = await PausedAsync(new EngineOptions());
        var refusal = await Assert.ThrowsAsync<GenerationException>(
            () => fixture.Engine.GenerateAsync(Request(new SchedulingOptions { MaxQueueTime = TimeSpan.FromMilliseconds(30) })));
        Assert.Equal(Failure.WaitedTooLong, refusal.Failure);
        Assert.Equal(0, fixture.Engine.Load.Waiting);

        fixture.Engine.Resume();
        Assert.Equal("abcdef", (await fixture.Engine.GenerateAsync(Request(new SchedulingOptions()))).Text);
    }

    [Fact]
    public async Task A_tenants_quota_is_free_again_when_its_request_has_ended()
    {
        await using var fixture = await PausedAsync(new EngineOptions { Admission = new AdmissionOptions { MaxTenantRequests = 1 } });
        var first = fixture.Engine.GenerateAsync(Request(new SchedulingOptions { Tenant = "a" }));
        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(Request(new SchedulingOptions { Tenant = "a" })));
        Assert.Equal(Failure.QuotaExceeded, refusal.Failure);
        Assert.NotNull(refusal.RetryAfter);

        fixture.Engine.Resume();
        await first;
        await fixture.Engine.GenerateAsync(Request(new SchedulingOptions { Tenant = "a" }));
    }

    [Fact]
    public async Task A_tenant_with_one_request_does_not_wait_for_all_of_one_with_many()
    {
        await using var fixture = await PausedAsync(new EngineOptions { MaxConcurrentRequests = 1 });
        var many = Enumerable.Range(0, 8)
            .Select(_ => fixture.Engine.GenerateAsync(Request(new SchedulingOptions { Tenant = "many" }))).ToList();
        var one = fixture.Engine.GenerateAsync(Request(new SchedulingOptions { Tenant = "one" }));
        Assert.Equal(9, fixture.Engine.Load.Waiting);
        fixture.Engine.Resume();

        var waited = (await one).End.Timings.Queue;
        var others = await Task.WhenAll(many);
        Assert.True(others.Count(other => other.End.Timings.Queue > waited) >= 7);
    }

    [Fact]
    public async Task The_queues_tokens_are_bounded_and_one_request_always_may()
    {
        await using var fixture = await PausedAsync(new EngineOptions { Admission = new AdmissionOptions { MaxQueuedTokens = 10 } });
        var first = fixture.Engine.GenerateAsync(Request(new SchedulingOptions()));
        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(Request(new SchedulingOptions())));
        Assert.Equal(Failure.QueueFull, refusal.Failure);
        fixture.Engine.Resume();
        Assert.Equal("abcdef", (await first).Text);
    }

    private static async Task<EngineFixture> PausedAsync(EngineOptions options)
    {
        var fixture = new EngineFixture(options);
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef"));
        fixture.Engine.Pause();
        return fixture;
    }

    private static GenerationRequest Request(SchedulingOptions scheduling) =>
        EngineFixture.Greedy(PromptInput.StartToken, 32) with { Scheduling = scheduling };
}
