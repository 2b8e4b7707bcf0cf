using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orca.Serving.Grpc;
using Orca.Serving.OpenAi;
using Orca.Serving.Requests;

namespace Orca.Serving.Security;

/// <summary>Lets callers through to what they may do, and refuses the rest before its body is read.</summary>
internal sealed class AccessGate(Authentication authentication)
{
    /// <summary>Stands before everything that is mapped.</summary>
    public void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is { } endpoint && ScopeRules.ScopeOf(endpoint) is { } needed)
        {
            try
            {
                context.Features.Set(authentication.Identify(context, needed));
            }
            catch (GenerationException refusal)
            {
                await RefuseAsync(context, refusal);
                return;
            }
        }

        await next(context);
    });

    /// <summary>Answers with a refusal, in the protocol of the request.</summary>
    internal static Task RefuseAsync(HttpContext context, GenerationException refusal) =>
        context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true
            ? GrpcRefusal.WriteAsync(context.Response, FailureStatus.Of(refusal))
            : OpenAiError.WriteAsync(context, refusal);
}
