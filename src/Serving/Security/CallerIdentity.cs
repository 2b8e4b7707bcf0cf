using Microsoft.AspNetCore.Http;

namespace Orca.Serving.Security;

/// <summary>Who calls.</summary>
/// <param name="Name">Name of its key or certificate; empty where callers need none.</param>
/// <param name="Scope">What it may do.</param>
internal sealed record CallerIdentity(string Name, AccessScope Scope)
{
    /// <summary>Anybody, where no key is asked for.</summary>
    public static CallerIdentity Anybody { get; } = new("", AccessScope.Control);

    /// <summary>Whether it may do what needs a scope.</summary>
    public bool May(AccessScope needed) => Scope >= needed;
}

internal static class CallerIdentityExtensions
{
    /// <summary>Who sent this request, as <see cref="Authentication"/> found out.</summary>
    public static CallerIdentity Identity(this HttpContext context) => context.Features.Get<CallerIdentity>() ?? CallerIdentity.Anybody;
}
