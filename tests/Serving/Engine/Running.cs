using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Engine;

/// <summary>A request in flight, read as far as a test wants.</summary>
internal sealed class Running(IAsyncEnumerator<GenerationEvent> events)
{
    public string Text { get; private set; } = "";

    public List<long> Versions { get; } = [];

    public List<int> Tokens { get; } = [];

    /// <summary>Deltas that were told.</summary>
    public int Deltas { get; private set; }

    public GenerationEvent.Finished? End { get; private set; }

    /// <summary>A request that has given its first text.</summary>
    public static async Task<Running> StartAsync(
        EngineFixture fixture, GenerationRequest request, CancellationToken cancellationToken = default)
    {
        var running = new Running(fixture.Engine.StreamAsync(request, cancellationToken).GetAsyncEnumerator(CancellationToken.None));
        await running.FirstAsync();
        return running;
    }

    public async Task<Running> RestAsync()
    {
        while (await events.MoveNextAsync())
        {
            Take();
        }

        await events.DisposeAsync();
        return this;
    }

    private async Task FirstAsync()
    {
        while (Text.Length == 0)
        {
            Assert.True(await events.MoveNextAsync());
            Take();
        }
    }

    private void Take()
    {
        if (events.Current is GenerationEvent.Delta delta)
        {
            Text += delta.Text;
            Tokens.AddRange(delta.Tokens);
            Versions.AddRange(delta.Tokens.Select(_ => delta.Version));
            Deltas++;
        }

        End = events.Current as GenerationEvent.Finished;
    }
}
