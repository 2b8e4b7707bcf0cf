using Orca.Serving.Admission;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Admission;

/// <summary>Pitfall 17: readers that stall hold no more than their caller may.</summary>
public class OpenAnswersTests
{
    [Fact]
    public void A_caller_has_so_many_answers_open_and_another_as_many_again()
    {
        var open = new OpenAnswers(most: 2, TimeSpan.FromSeconds(1));
        using var first = open.Enter("a");
        var second = open.Enter("a");
        Assert.Equal(Failure.QuotaExceeded, Assert.Throws<GenerationException>(() => open.Enter("a")).Failure);
        using var others = open.Enter("b");
        second.Dispose();
        using var third = open.Enter("a");
    }

    [Fact]
    public async Task Answers_that_are_done_count_until_they_are_read_or_left()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 1, MaxQueuedRequests = 1 });
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef"));
        var stalled = new List<IAsyncEnumerator<GenerationEvent>>();
        var cancel = TestContext.Current.CancellationToken;
        for (var i = 0; i < 8; i++)
        {
            stalled.Add(fixture.Engine.StreamAsync(EngineFixture.Greedy(PromptInput.StartToken), cancel).GetAsyncEnumerator(cancel));
            Assert.True(await stalled[i].MoveNextAsync());
            await Patience.UntilAsync(() => fixture.Engine.Load.Running == 0);
        }

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(
            EngineFixture.Greedy(PromptInput.StartToken), cancel));
        Assert.Equal(Failure.QuotaExceeded, refusal.Failure);
        var others = EngineFixture.Greedy(PromptInput.StartToken) with { Scheduling = new SchedulingOptions { Caller = "another" } };
        Assert.Equal("abcdef", (await fixture.Engine.GenerateAsync(others, cancel)).Text);

        await stalled[0].DisposeAsync();
        Assert.Equal("abcdef", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken), cancel)).Text);
        foreach (var reader in stalled.Skip(1))
        {
            await reader.DisposeAsync();
        }
    }
}
