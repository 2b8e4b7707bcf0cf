using Google.Protobuf.WellKnownTypes;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>The engine's events as the wire contract has them.</summary>
internal static class EventTranslation
{
    public static Accepted ToMessage(this GenerationEvent.Accepted accepted) => new()
    {
        RequestId = accepted.RequestId,
        WeightVersion = (ulong)accepted.Version,
        PromptTokens = (uint)accepted.PromptTokens,
        QueueTime = Duration.FromTimeSpan(accepted.QueueTime),
    };

    public static Finished ToMessage(this GenerationEvent.Finished finished)
    {
        var message = new Finished
        {
            Reason = finished.Reason.ToMessage(),
            Usage = new Usage { PromptTokens = (uint)finished.PromptTokens, CompletionTokens = (uint)finished.CompletionTokens },
        };
        if (finished.StopString is { } text)
        {
            message.StopString = text;
        }
        else if (finished.StopToken is { } token)
        {
            message.StopTokenId = (uint)token;
        }

        return message;
    }

    private static FinishReason ToMessage(this EndReason reason) => reason switch
    {
        EndReason.StopString => FinishReason.StopString,
        EndReason.StopToken => FinishReason.StopToken,
        EndReason.EndOfText => FinishReason.Eos,
        EndReason.Length => FinishReason.Length,
        EndReason.Cancelled => FinishReason.Cancelled,
        _ => FinishReason.Unspecified,
    };
}
