using System.Runtime.CompilerServices;
using Grpc.Core;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Clients;

/// <summary>An answer from a server, as it is made.</summary>
internal static class RemoteTexts
{
    /// <summary>The answer's texts, in order.</summary>
    public static async IAsyncEnumerable<string> StreamAsync(
        Uri address, string? key, GenerationSpec spec, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var channel = ServerAddress.Open(address, key);
        using var call = new InferenceService.InferenceServiceClient(channel).StreamGenerate(
            new StreamGenerateRequest { Spec = spec }, cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            if (call.ResponseStream.Current.Delta is { } delta)
            {
                yield return delta.Text;
            }
        }
    }
}
