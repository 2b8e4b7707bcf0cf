using System.Diagnostics.CodeAnalysis;
using Grpc.Net.Client;
using Orca.Cli.Commands;
using Orca.Serving.Hosting;

namespace Orca.Cli.Clients;

/// <summary>Where a server is.</summary>
internal static class ServerAddress
{
    /// <summary>The variable that holds a key for servers.</summary>
    public const string KeyVariable = "ORCA_API_KEY";

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    /// <summary>Reads <c>host:port</c>, <c>host</c> or <c>:port</c>, without a port the usual one; or a URL.</summary>
    /// <exception cref="CommandException">It is none of these.</exception>
    public static Uri Parse(string text) => TryParse(text, out var address)
        ? address
        : throw new CommandException(
            $"'{text}' is no address; expected HOST:PORT, such as 127.0.0.1:5400, or a URL without a path, such as https://host:5400.");

    /// <summary>As <see cref="Parse"/>; false where it is no address.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address)
    {
        var isUrl = text.Contains("://", StringComparison.Ordinal);
        var url = isUrl ? text : "http://" + (text.StartsWith(':') ? "127.0.0.1" + text : text);
        if (!Uri.TryCreate(url, UriKind.Absolute, out address) || address.Scheme is not ("http" or "https")
            || address is not { Host.Length: > 0, UserInfo: "", PathAndQuery: "/", Fragment: "" } || text != text.Trim())
        {
            return false;
        }

        address = isUrl || !address.IsDefaultPort || text.TrimEnd('/').EndsWith(":80", StringComparison.Ordinal)
            ? address
            : new UriBuilder(address) { Port = ServingOptions.DefaultPort }.Uri;
        return true;
    }

    /// <summary>A channel to the address; the caller disposes it. Connects on first use.</summary>
    /// <param name="address">Where the server is.</param>
    /// <param name="key">The key to show; null: the one in the environment, where there is one.</param>
    /// <param name="silence">
    /// For how long a server may say nothing at all while it is asked, before it is asked for a sign of life, and has as long again to give
    /// one: a busy one does, one that hangs is given up.
    /// </param>
    /// <exception cref="CommandException">The key cannot be one.</exception>
    public static GrpcChannel Open(Uri address, string? key = null, TimeSpan? silence = null) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = 64 * 1024 * 1024,
            HttpHandler = new KeyHeader(
                Sendable(
                    key ?? Environment.GetEnvironmentVariable(KeyVariable), key is null ? $"variable {KeyVariable}" : "flag --api-key"),
                new SocketsHttpHandler
                {
                    ConnectTimeout = TimeSpan.FromSeconds(5),
                    EnableMultipleHttp2Connections = true,
                    KeepAlivePingDelay = silence ?? LongestSilence,
                    KeepAlivePingTimeout = silence ?? LongestSilence,
                    KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                }),
            DisposeHttpClient = true,
        });

    // A line break would end the header that a key is sent in.
    private static string? Sendable(string? key, string origin) => key is null || key.All(letter => letter is > ' ' and <= '~')
        ? key
        : throw new CommandException(
            $"The key in {origin} has a space, a line break or a letter that no key has; give it as 'orca keys add' printed it.");
}
