using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Engine;

/// <summary>Nothing that is made for requests and versions outlives them.</summary>
[Collection(nameof(Alone))]
public class EngineLeakTests
{
    [Fact]
    public async Task Requests_and_versions_leave_no_tensor_behind()
    {
        await using var fixture = new EngineFixture();
        await RoundAsync(1);
        var before = torch.Tensor.TotalCount;
        for (var round = 2; round < 20; round++)
        {
            await RoundAsync(round);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);

        async Task RoundAsync(int round)
        {
            await fixture.InstallAsync(number => ToyStudent.Random(number, seed: round));
            await Task.WhenAll(Enumerable.Range(0, 12).Select(i => fixture.Engine.GenerateAsync(
                EngineFixture.Greedy(new PromptInput.PlainText(new string('y', i)), 10))));
            await Patience.UntilAsync(() => fixture.Versions.List().Count(record => record.State == VersionState.Active) == 1
                && fixture.Versions.List().All(record => record.State != VersionState.Draining));
        }
    }
}
