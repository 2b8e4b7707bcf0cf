using Microsoft.Extensions.Logging;

namespace Orca.Serving.Checkpoints;

internal static partial class LoaderLog
{
    [LoggerMessage(20, LogLevel.Warning, "Checkpoint {Checkpoint}, version {Version}, is rejected; what is served stays: {Reason}")]
    public static partial void CheckpointRejected(ILogger logger, string checkpoint, long version, string reason);
}
