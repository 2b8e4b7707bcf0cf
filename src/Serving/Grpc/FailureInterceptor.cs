using Grpc.Core;
using Grpc.Core.Interceptors;
using Orca.Model;
using Orca.Serving.Requests;
using Orca.Serving.Security;

namespace Orca.Serving.Grpc;

/// <summary>Turns what handlers throw into statuses.</summary>
/// <param name="pace">Has those wait who are refused often.</param>
internal sealed class FailureInterceptor(RefusalPace pace) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        Translate(context, () => continuation(request, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(context, async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        Translate(context, async () =>
        {
            await continuation(requestStream, responseStream, context);
            return true;
        });

    private async Task<T> Translate<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (GenerationException failure)
        {
            await pace.HoldAsync(context.GetHttpContext());
            throw FailureStatus.Of(failure);
        }
        catch (ModelFormatException fault)
        {
            throw FailureStatus.Of(new GenerationException(Failure.CheckpointDamaged, fault.Message, fault));
        }
        catch (OperationCanceledException)
        {
            // Where the deadline passed, gRPC has answered DEADLINE_EXCEEDED already.
            throw new RpcException(new Status(StatusCode.Cancelled, "The request was cancelled."));
        }
    }
}
