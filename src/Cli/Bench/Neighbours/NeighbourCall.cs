using Grpc.Core;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Bench.Neighbours;

/// <summary>One call of a neighbour's.</summary>
/// <param name="Client">Where it is sent.</param>
/// <param name="Request">An ordinary request, which the call may change a copy of.</param>
/// <param name="Number">Which of its calls, from 0.</param>
/// <param name="End">Gives it up.</param>
internal sealed record NeighbourCall(
    InferenceService.InferenceServiceClient Client, StreamGenerateRequest Request, int Number, CancellationToken End)
{
    /// <summary>Sends a request and reads its answer to the end.</summary>
    public async Task ReadAsync(StreamGenerateRequest request)
    {
        using var call = Client.StreamGenerate(request, cancellationToken: End);
        while (await call.ResponseStream.MoveNext(End))
        {
        }
    }

    /// <summary>Sends a request and reads nothing beyond the beginning, for a time; then leaves.</summary>
    public async Task StallAsync(StreamGenerateRequest request, TimeSpan time)
    {
        using var call = Client.StreamGenerate(request, cancellationToken: End);
        await call.ResponseStream.MoveNext(End);
        await Task.Delay(time, End);
    }
}
