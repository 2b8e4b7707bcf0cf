using System.Globalization;
using Grpc.Core;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>What the response's metadata tell of an answer; by the same names in HTTP.</summary>
internal static class AnswerHeaders
{
    /// <summary>The request's name.</summary>
    public const string RequestId = "orca-request-id";

    /// <summary>The version it is bound to.</summary>
    public const string WeightVersion = "orca-weight-version";

    /// <summary>Whole milliseconds it waited for its place.</summary>
    public const string QueueMilliseconds = "orca-queue-ms";

    /// <summary>Names and values. A name that no header can hold is left out.</summary>
    public static IEnumerable<(string Name, string Value)> Of(GenerationEvent.Accepted accepted)
    {
        if (accepted.RequestId.All(letter => letter is >= ' ' and <= '~'))
        {
            yield return (RequestId, accepted.RequestId);
        }

        yield return (WeightVersion, accepted.Version.ToString(CultureInfo.InvariantCulture));
        yield return (QueueMilliseconds, ((long)accepted.QueueTime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The same as gRPC's metadata.</summary>
    public static Metadata ToMetadata(GenerationEvent.Accepted accepted)
    {
        var metadata = new Metadata();
        foreach (var (name, value) in Of(accepted))
        {
            metadata.Add(name, value);
        }

        return metadata;
    }
}
