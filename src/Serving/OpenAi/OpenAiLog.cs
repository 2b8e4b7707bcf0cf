using Microsoft.Extensions.Logging;

namespace Orca.Serving.OpenAi;

/// <summary>What the HTTP endpoints log.</summary>
internal static partial class OpenAiLog
{
    [LoggerMessage(60, LogLevel.Error, "An HTTP request failed by a fault of the server")]
    public static partial void RequestBroken(ILogger logger, Exception fault);
}
