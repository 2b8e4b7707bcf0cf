using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;
using Orca.Protocol.Model.V1;

namespace Orca.Cli.Clients;

/// <summary>
/// Names a server's versions by their weights: numbers begin anew with each start of the server, so that they name nothing for long.
/// </summary>
/// <param name="client">Borrowed.</param>
internal sealed class RemoteVersions(ModelService.ModelServiceClient client)
{
    private const int DigestLetters = 12;

    private readonly ConcurrentDictionary<ulong, string> _labels = [];

    /// <summary>Number, step and digest of a version; its number alone where the server does not tell.</summary>
    public async Task<string> LabelOfAsync(ulong number, CancellationToken cancellationToken)
    {
        if (_labels.TryGetValue(number, out var known))
        {
            return known;
        }

        var plain = number.ToString(CultureInfo.InvariantCulture);
        try
        {
            var request = new GetModelVersionRequest { Name = $"models/student/versions/{plain}" };
            var version = (await client.GetModelVersionAsync(request, cancellationToken: cancellationToken)).ModelVersion;
            var digest = version.Digest[..Math.Min(DigestLetters, version.Digest.Length)];
            return _labels[number] = string.Create(CultureInfo.InvariantCulture, $"{plain} step {version.TrainerStep} {digest}").TrimEnd();
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return plain;
        }
    }
}
