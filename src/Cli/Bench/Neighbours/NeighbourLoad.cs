using System.Collections.Concurrent;
using Grpc.Core;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Bench.Neighbours;

/// <summary>
/// Callers of one kind, so many at once, each call followed by the next at once, whatever became of it. Ends with
/// <see cref="StopAsync"/>.
/// </summary>
internal sealed class NeighbourLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, int> _ends = new();
    private readonly Task _calling;
    private int _number;

    /// <param name="kind">How they behave.</param>
    /// <param name="client">Where their calls go, with a key of their own.</param>
    /// <param name="callers">How many.</param>
    /// <param name="ordinary">An ordinary request of this number.</param>
    public NeighbourLoad(
        Neighbour kind, InferenceService.InferenceServiceClient client, int callers, Func<int, StreamGenerateRequest> ordinary) =>
        _calling = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(kind, client, ordinary))));

    /// <summary>What became of the calls: how many ended with which status.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    /// <summary>Has them leave, and waits until they have.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _calling;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
    }

    private async Task CallAsync(Neighbour kind, InferenceService.InferenceServiceClient client, Func<int, StreamGenerateRequest> ordinary)
    {
        while (!_end.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _number);
            var end = "OK";
            try
            {
                await kind.CallAsync(new NeighbourCall(client, ordinary(number), number, _end.Token));
            }
            catch (RpcException refusal) when (!_end.IsCancellationRequested)
            {
                end = refusal.StatusCode.ToString();
            }
            catch (Exception left) when (left is RpcException or OperationCanceledException)
            {
                return;
            }

            _ends.AddOrUpdate(end, 1, (_, count) => count + 1);
        }
    }
}
