using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Orca.Serving.Grpc;
using Orca.Serving.Hosting;
using Orca.Serving.OpenAi;
using Orca.Serving.Requests;

namespace Orca.Serving.Security;

/// <summary>
/// Keeps pages of other sites away from a server that the browsers of its machine can reach. What a browser sends names the page's
/// origin, which must be the server's own or one of <see cref="ServingOptions.CorsOrigins"/>. A page whose name was made to lead here
/// (DNS rebinding) has an origin that seems to be the server's own: so where callers show neither key nor certificate, the host they
/// ask for must be a name of this machine or one of <see cref="ServingOptions.AllowedHosts"/>. Callers that are no browsers send no
/// origin, and HTTP/2 without TLS, which no browser speaks, is let through.
/// </summary>
internal sealed class BrowserGuard
{
    private const string Any = "*";

    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromHours(1);

    private readonly ImmutableHashSet<string> origins;
    private readonly ImmutableArray<StringSegment> hosts;
    private readonly bool knowsCallers;

    public BrowserGuard(ServingOptions options)
    {
        origins = options.CorsOrigins.ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);
        knowsCallers = options.KeyFile is not null || options.ClientAuthorityFile is not null;
        var machine = IPGlobalProperties.GetIPGlobalProperties();
        string[] own = ["localhost", "*.localhost", Environment.MachineName, machine.HostName, $"{machine.HostName}.{machine.DomainName}",
            options.Address];
        hosts = [.. own.Where(name => name.Length > 0).Concat(options.AllowedHosts).Select(name => new StringSegment(name))];
    }

    /// <summary>Refuses origins and hosts that are not written as browsers write them.</summary>
    /// <exception cref="ServingException">One is not.</exception>
    public static void Check(ServingOptions options)
    {
        if (options.CorsOrigins.FirstOrDefault(origin => origin is not (Any or "null") && !IsOrigin(origin)) is { } unusable)
        {
            throw new ServingException($"Setting serving.corsOrigins has '{unusable}', which is no origin; give scheme, host and port "
                + "alone, such as https://app.example or http://localhost:3000, or * for any.");
        }

        if (options.AllowedHosts.FirstOrDefault(host => Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) == UriHostNameType.Unknown) is { } none)
        {
            throw new ServingException($"Setting serving.allowedHosts has '{none}', which is no host; give a name without scheme and "
                + "port, such as orca.example or *.example.");
        }
    }

    /// <summary>Stands before everything that is mapped, and answers the questions of browsers whose pages may ask.</summary>
    public void Use(IApplicationBuilder app)
    {
        app.Use((context, next) => FaultOf(context.Request) is { } refusal ? AccessGate.RefuseAsync(context, refusal) : next(context));
        if (!origins.IsEmpty)
        {
            app.UseCors(Allow);
        }
    }

    private void Allow(CorsPolicyBuilder policy)
    {
        _ = origins.Contains(Any) ? policy.AllowAnyOrigin() : policy.SetIsOriginAllowed(origins.Contains);
        policy.WithMethods(HttpMethods.Get, HttpMethods.Post)
            .AllowAnyHeader()
            .WithExposedHeaders(AnswerHeaders.RequestId, AnswerHeaders.WeightVersion, AnswerHeaders.QueueMilliseconds, "retry-after")
            .SetPreflightMaxAge(PreflightLifetime);
    }

    private GenerationException? FaultOf(HttpRequest request)
    {
        if (HttpProtocol.IsHttp2(request.Protocol) && !request.IsHttps)
        {
            return null;
        }

        if (!knowsCallers && !IsOwn(request.Host.Host))
        {
            return Refusal($"The host '{Short(request.Host.Host)}' is no name of this machine; ask for localhost, or name it in the "
                + "setting serving.allowedHosts.");
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origins.Contains(Any) || origins.Contains(origin)
            || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            ? null
            : Refusal($"Pages of '{Short(origin)}' may not ask this server; where they should, name that origin in the setting "
                + "serving.corsOrigins.");
    }

    // A host that is not named at all is no browser's.
    private bool IsOwn(string host)
    {
        var name = host.TrimEnd('.');
        return name.Length == 0
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address))
            || HostString.MatchesAny(name, hosts);
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Host.Length > 0
            && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase);

    private static GenerationException Refusal(string sentence) => new(Failure.PermissionDenied, sentence);

    private static string Short(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
