using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Streams.Tests.Support;

/// <summary>Endpoints that are servers of a test, asked with pauses of milliseconds.</summary>
internal static class Endpoints
{
    public static EndpointOptions Options(ChatServer server) => Options(server.BaseUrl);

    public static EndpointOptions Options(Uri url, string name = "m") => new()
    {
        Name = name,
        Url = url,
        Model = "m",
        Timeout = TimeSpan.FromSeconds(20),
    };

    public static RequestScheduler Of(ChatServer server) => Of(Options(server));

    public static RequestScheduler Of(params EndpointOptions[] options) => new(
        options.Select(endpoint => TeacherEndpoint.Open(endpoint)),
        new SchedulerOptions { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) });
}
