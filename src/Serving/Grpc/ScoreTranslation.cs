using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;
using WireScoreRequest = Orca.Protocol.Inference.V1.ScoreRequest;
using WireVersionScore = Orca.Protocol.Inference.V1.VersionScore;

namespace Orca.Serving.Grpc;

/// <summary>Scoring as the wire contract has it.</summary>
internal static class ScoreTranslation
{
    /// <summary>A request to score, as the engine takes it; ranges are checked there.</summary>
    /// <exception cref="GenerationException">A value has no meaning.</exception>
    public static Requests.ScoreRequest ToRequest(this WireScoreRequest request, Caller caller) => new()
    {
        RequestId = request.RequestId,
        Prompt = request.InputCase switch
        {
            WireScoreRequest.InputOneofCase.Text => new PromptInput.PlainText(request.Text),
            WireScoreRequest.InputOneofCase.TokenIds => new PromptInput.Tokens(request.TokenIds.Ids.ToTokens()),
            WireScoreRequest.InputOneofCase.Chat => request.Chat.ToPrompt(),
            _ => PromptInput.StartToken,
        },
        Target = request.TargetCase switch
        {
            WireScoreRequest.TargetOneofCase.TargetText => new ScoreTarget.Text(request.TargetText),
            WireScoreRequest.TargetOneofCase.TargetTokenIds => new ScoreTarget.Tokens(request.TargetTokenIds.Ids.ToTokens()),
            _ => null,
        },
        TopLogprobs = (int)Math.Min(request.TopLogprobs, int.MaxValue),
        Versions = [.. request.WeightVersions.Select(version => (long)Math.Min(version, long.MaxValue))],
        Scheduling = RequestTranslation.SchedulingOf(request.Scheduling ?? new Protocol.Inference.V1.SchedulingOptions(), caller),
        CacheSalt = request.CacheSalt,
    };

    /// <summary>One version's score.</summary>
    public static WireVersionScore ToMessage(this Requests.VersionScore score)
    {
        var message = new WireVersionScore
        {
            WeightVersion = (ulong)score.Version,
            TotalLogprob = score.TotalLogprob,
            PromptTokens = (uint)score.PromptTokens,
        };
        message.Logprobs.AddRange(AnswerWriter.ToMessages(score.Logprobs, score.Language!.Tokenizer));
        return message;
    }
}
