using Microsoft.AspNetCore.Http;
using Orca.Serving.Requests;

namespace Orca.Serving.Security;

/// <summary>
/// Finds out who calls, before anything of the request's body is read. A key comes as <c>authorization: Bearer KEY</c> or
/// <c>x-api-key: KEY</c>; without a file of keys, a client certificate that passed the handshake opens what certificates do
/// by the server's options, and a server that asks for neither is open to whoever reaches it.
/// </summary>
/// <param name="keys">Null where no key is asked for.</param>
/// <param name="certificates">What client certificates open.</param>
internal sealed class Authentication(KeysOfFile? keys, AccessScope certificates)
{
    private const string Bearer = "Bearer ";

    /// <summary>Whether callers must show a key.</summary>
    public bool AsksForKeys => keys is not null;

    /// <summary>Whoever sent this request.</summary>
    /// <exception cref="GenerationException">It shows no key, or one that is unknown; or its key lacks the scope.</exception>
    public CallerIdentity Identify(HttpContext context, AccessScope needed)
    {
        var caller = keys is null ? OfCertificate(context) : OfKey(context.Request.Headers);
        return caller.May(needed) ? caller : throw new GenerationException(
            Failure.PermissionDenied,
            keys is null
                ? $"The certificate '{caller.Name}' has the scope {caller.Scope.Text()}; this needs the scope {needed.Text()} "
                    + "(serving.clientCertificateScope, or keys)."
                : $"The key '{caller.Name}' has the scope {caller.Scope.Text()}; this needs the scope {needed.Text()}.")
        { Subject = caller.Name };
    }

    private CallerIdentity OfKey(IHeaderDictionary headers)
    {
        var text = KeyIn(headers) ?? throw new GenerationException(
            Failure.Unauthenticated, "This server asks for a key: send it as 'authorization: Bearer KEY' or 'x-api-key: KEY'.");
        var key = keys!.Ring.Find(text) ?? throw new GenerationException(Failure.Unauthenticated, "The key is unknown to this server.");
        return new CallerIdentity(key.Name, key.Scope);
    }

    private CallerIdentity OfCertificate(HttpContext context) => context.Connection.ClientCertificate is { } certificate
        ? new CallerIdentity(
            certificate.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, forIssuer: false), certificates)
        : CallerIdentity.Anybody;

    private static string? KeyIn(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : headers.TryGetValue("x-api-key", out var key) ? key.ToString()
            : null;
    }
}
