using Grpc.Core;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>Answers over gRPC what the engine answers.</summary>
internal sealed class InferenceGrpcService(InferenceEngine engine) : InferenceService.InferenceServiceBase
{
    public override async Task<GenerateResponse> Generate(GenerateRequest request, ServerCallContext context)
    {
        var generation = await engine.GenerateAsync(request.Spec.ToRequest(), context.CancellationToken);
        var response = new GenerateResponse
        {
            RequestId = generation.RequestId,
            Text = generation.Text,
            WeightVersion = (ulong)generation.Version,
            Finished = generation.End.ToMessage(),
        };
        if (request.Spec.Output is { TokenIds: true })
        {
            response.TokenIds.AddRange(generation.Tokens.Select(token => (uint)token));
        }

        return response;
    }

    public override async Task StreamGenerate(
        StreamGenerateRequest request, IServerStreamWriter<StreamGenerateResponse> responseStream, ServerCallContext context)
    {
        var cancellationToken = context.CancellationToken;
        var merge = new DeltaMerge(request.Spec?.Output is { TokenIds: true });
        await using var events = engine.StreamAsync(request.Spec.ToRequest(), cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = events.MoveNextAsync();
            if (!next.IsCompleted && merge.HasNews)
            {
                await Send(new StreamGenerateResponse { Delta = merge.Take() });
            }

            if (!await next)
            {
                return;
            }

            await Pass(events.Current);
        }

        async Task Pass(GenerationEvent generationEvent)
        {
            switch (generationEvent)
            {
                case GenerationEvent.Accepted accepted:
                    await Send(new StreamGenerateResponse { Accepted = accepted.ToMessage() });
                    break;
                case GenerationEvent.Delta delta:
                    merge.Add(delta);
                    break;
                case GenerationEvent.Finished finished:
                    if (merge.HasNews)
                    {
                        await Send(new StreamGenerateResponse { Delta = merge.Take() });
                    }

                    await Send(new StreamGenerateResponse { Finished = finished.ToMessage() });
                    break;
            }
        }

        Task Send(StreamGenerateResponse response) => responseStream.WriteAsync(response, cancellationToken);
    }

    public override Task<TokenizeResponse> Tokenize(TokenizeRequest request, ServerCallContext context)
    {
        var student = engine.Current;
        var tokens = request.InputCase switch
        {
            TokenizeRequest.InputOneofCase.Text => student.Language.Tokenizer.Encode(request.Text),
            TokenizeRequest.InputOneofCase.Chat => request.Chat.ToPrompt().Encode(student.Language),
            _ => throw GenerationException.Invalid("input", "is absent; give a text or a question"),
        };
        var response = new TokenizeResponse { WeightVersion = (ulong)student.Version };
        response.TokenIds.AddRange(tokens.Select(token => (uint)token));
        return Task.FromResult(response);
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
            : throw GenerationException.Invalid("token_ids", $"holds an id outside the vocabulary of {student.Language.VocabularySize} tokens");
    }

    public override Task<CancelRequestResponse> CancelRequest(CancelRequestRequest request, ServerCallContext context) =>
        engine.Cancel(request.RequestId)
            ? Task.FromResult(new CancelRequestResponse())
            : throw new RpcException(new Status(StatusCode.NotFound, $"No request named '{request.RequestId}' is in flight."));
}
