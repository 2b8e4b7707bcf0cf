namespace Orca.Serving.Tests.OpenAi;

/// <summary>A server that spells "abc", for all tests of a class that leave it as it was: what is refused changes nothing.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private HttpServer? server;

    internal HttpServer Http => server!;

    public async ValueTask InitializeAsync() => server = await HttpServer.StartAsync("abc");

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }
}
