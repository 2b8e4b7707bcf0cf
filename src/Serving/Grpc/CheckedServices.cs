using Grpc.Core;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Curriculum.V1;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;

namespace Orca.Serving.Grpc;

/// <summary>
/// Binds services so that a message that cannot be read, or holds a value without meaning, is refused as its caller's fault before a
/// handler sees it. Without it such a message would end its call with UNKNOWN. What is encoded already is sent as it is.
/// </summary>
internal static class CheckedServices
{
    public static void Bind(ServiceBinderBase binder, InferenceService.InferenceServiceBase service) =>
        InferenceService.BindService(new Binder(binder), service);

    public static void Bind(ServiceBinderBase binder, ModelService.ModelServiceBase service) =>
        ModelService.BindService(new Binder(binder), service);

    public static void Bind(ServiceBinderBase binder, ServerService.ServerServiceBase service) =>
        ServerService.BindService(new Binder(binder), service);

    public static void Bind(ServiceBinderBase binder, CurriculumService.CurriculumServiceBase service) =>
        CurriculumService.BindService(new Binder(binder), service);

    private sealed class Binder(ServiceBinderBase inner) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Checked(method), handler!);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Checked(method), handler!);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Checked(method), handler!);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            inner.AddMethod(Checked(method), handler!);

        private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class
        {
            var read = method.RequestMarshaller.ContextualDeserializer;
            return new(
                method.Type,
                method.ServiceName,
                method.Name,
                new Marshaller<TRequest>(method.RequestMarshaller.ContextualSerializer, context => MessageRules.Read(read, context)),
                EncodedEvents.Marshaller(method.ResponseMarshaller));
        }
    }
}
