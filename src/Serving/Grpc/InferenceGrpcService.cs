using System.Collections.Immutable;
using Grpc.Core;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Security;

namespace Orca.Serving.Grpc;

/// <summary>Answers over gRPC what the engine answers.</summary>
[BindServiceMethod(typeof(CheckedServices), nameof(CheckedServices.Bind))]
internal sealed class InferenceGrpcService(InferenceEngine engine, VersionLabels labels) : InferenceService.InferenceServiceBase
{
    private const uint LongestInterval = 1_024;

    public override async Task<GenerateResponse> Generate(GenerateRequest request, ServerCallContext context)
    {
        var asked = RequestOf(request.Spec, context);
        var answer = await Answer.GatherAsync(engine.StreamAsync(asked, context.CancellationToken));
        await context.WriteResponseHeadersAsync(AnswerHeaders.ToMetadata(answer.Accepted));
        return WriterFor(request.Spec).Whole(answer);
    }

    public override async Task StreamGenerate(
        StreamGenerateRequest request, IServerStreamWriter<StreamGenerateResponse> responseStream, ServerCallContext context)
    {
        var asked = RequestOf(request.Spec, context);
        var writer = WriterFor(request.Spec);
        var interval = IntervalOf(request.Spec.Output);
        var events = engine.StreamAsync(asked, context.CancellationToken)
            .MergeAsync(interval, writer.SendsTokens, context.CancellationToken);
        await foreach (var happened in events)
        {
            if (happened is GenerationEvent.Accepted accepted)
            {
                await context.WriteResponseHeadersAsync(AnswerHeaders.ToMetadata(accepted));
            }

            await responseStream.WriteAsync(writer.Event(happened), context.CancellationToken);
        }
    }

    public override async Task<ScoreResponse> Score(Protocol.Inference.V1.ScoreRequest request, ServerCallContext context)
    {
        var id = request.RequestId.Length > 0 ? request.RequestId : Guid.NewGuid().ToString("N");
        var asked = request.ToRequest(Caller.Of(context, labels));
        var scores = await engine.ScoreAsync(asked with { RequestId = id }, context.CancellationToken);
        var response = new ScoreResponse { RequestId = id };
        response.Scores.AddRange(scores.Select(score => score.ToMessage()));
        return response;
    }

    public override async Task<TokenizeResponse> Tokenize(TokenizeRequest request, ServerCallContext context)
    {
        var student = engine.Current;
        var (characters, encode) = request.InputCase switch
        {
            TokenizeRequest.InputOneofCase.Text =>
                ((long)request.Text.Length, (Func<ImmutableArray<int>>)(() => student.Language.Tokenizer.Encode(request.Text))),
            TokenizeRequest.InputOneofCase.Chat when request.Chat.ToPrompt() is var chat =>
                (chat.Characters, () => chat.Encode(student.Language)),
            _ => throw GenerationException.Invalid("input", "is absent; give a text or a question"),
        };
        var tokens = await engine.Encoder.EncodeAsync(
            characters, context.GetHttpContext().Identity().Name, encode, context.CancellationToken);
        var response = new TokenizeResponse { WeightVersion = (ulong)student.Version };
        response.TokenIds.AddRange(tokens.Select(token => (uint)token));
        return response;
    }

    public override Task<DetokenizeResponse> Detokenize(DetokenizeRequest request, ServerCallContext context)
    {
        var student = engine.Current;
        var tokens = request.TokenIds.ToTokens();
        return student.Language.Holds(tokens)
            ? Task.FromResult(new DetokenizeResponse
            {
                Text = student.Language.Tokenizer.Decode(tokens),
                WeightVersion = (ulong)student.Version,
            })
            : throw GenerationException.Invalid(
                "token_ids", $"holds an id outside the vocabulary of {student.Language.DrawableTokens} tokens");
    }

    public override Task<CancelRequestResponse> CancelRequest(CancelRequestRequest request, ServerCallContext context)
    {
        var caller = context.GetHttpContext().Identity();
        var owner = request.HasCaller ? request.Caller : caller.Name;
        if (owner != caller.Name && !caller.May(AccessScope.Control))
        {
            throw new GenerationException(
                Failure.PermissionDenied,
                $"The key '{caller.Name}' has the scope {caller.Scope.Text()}; ending another's request needs the scope control.")
            { Subject = caller.Name };
        }

        return engine.Cancel(request.RequestId, owner)
            ? Task.FromResult(new CancelRequestResponse())
            : throw new GenerationException(Failure.UnknownRequest, $"No request named '{request.RequestId}' is in "
                + "flight.")
            { Subject = request.RequestId };
    }

    private GenerationRequest RequestOf(GenerationSpec? spec, ServerCallContext context) => spec.ToRequest(Caller.Of(context, labels));

    private static AnswerWriter WriterFor(GenerationSpec spec) => new(spec.Output ?? new Protocol.Inference.V1.OutputOptions());

    private static int IntervalOf(Protocol.Inference.V1.OutputOptions? output) => output switch
    {
        { HasStreamIntervalTokens: true, StreamIntervalTokens: 0 or > LongestInterval } => throw GenerationException.Invalid(
            "output.stream_interval_tokens", $"is {output.StreamIntervalTokens}; 1 to {LongestInterval} is allowed"),
        { HasStreamIntervalTokens: true } => (int)output.StreamIntervalTokens,
        _ => 1,
    };
}
