using Microsoft.Extensions.Logging;

namespace Orca.Serving.Checkpoints;

internal static partial class LoaderLog
{
    [LoggerMessage(20, LogLevel.Warning, "Checkpoint {Checkpoint}, version {Version}, is rejected; what is served stays: {Reason}")]
    public static partial void CheckpointRejected(ILogger logger, string checkpoint, long version, string reason);

    [LoggerMessage(
        21, LogLevel.Information,
        "Checkpoint {Checkpoint}, version {Version}, is in memory: {Bytes} bytes of weights, probe perplexity {Perplexity:0.##}, "
            + "{Divergence} nats a token from the version that answers")]
    public static partial void VersionLoaded(
        ILogger logger, string checkpoint, long version, long bytes, double perplexity, string divergence);

    [LoggerMessage(22, LogLevel.Warning, "Version {Version} is rolled back to version {Target}: {Reason}")]
    public static partial void RolledBack(ILogger logger, long version, long target, string reason);

    [LoggerMessage(23, LogLevel.Warning, "Version {Version} should be rolled back, but {Obstacle}: {Reason}")]
    public static partial void NothingToRollBackTo(ILogger logger, long version, string obstacle, string reason);

    [LoggerMessage(
        24, LogLevel.Warning, "Version {Version} could not take the place of version {Previous}, which is loaded again: {Reason}")]
    public static partial void LoadedAgain(ILogger logger, long version, long previous, string reason);

    [LoggerMessage(
        25, LogLevel.Information,
        "Checkpoint {Checkpoint} does not fit beside what is loaded ({Available} bytes are left): it takes the place of the version that "
            + "answers")]
    public static partial void InPlace(ILogger logger, string checkpoint, long available);

    [LoggerMessage(26, LogLevel.Warning, "Checkpoint {Checkpoint} is left out, since it is quarantined: {Reason}")]
    public static partial void LeftOut(ILogger logger, string checkpoint, string reason);

    [LoggerMessage(
        27, LogLevel.Warning,
        "The quarantine in '{Path}' stays as it was read last, and the file as it is, until that is mended or deleted: {Reason}")]
    public static partial void QuarantineUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(28, LogLevel.Warning, "The quarantine cannot be written to '{Path}', so a restart will forget it: {Reason}")]
    public static partial void QuarantineUnwritable(ILogger logger, string path, string reason);

    [LoggerMessage(29, LogLevel.Debug, "What rejected version {Version} was foreseen by nobody")]
    public static partial void RejectedByDefect(ILogger logger, long version, Exception fault);

    [LoggerMessage(30, LogLevel.Warning, "{Trouble}")]
    public static partial void PassedOver(ILogger logger, string trouble);

    [LoggerMessage(31, LogLevel.Critical, "The server stops: what brings versions to it has failed")]
    public static partial void ServerBroken(ILogger logger, Exception fault);
}
