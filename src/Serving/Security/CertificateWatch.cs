using Microsoft.Extensions.Logging;

namespace Orca.Serving.Security;

/// <summary>
/// Has a running server show a renewed certificate, and trust other authorities, as their files change. Connections that were
/// made before go on.
/// </summary>
internal sealed partial class CertificateWatch(TlsFiles files, TimeProvider clock, ILogger<CertificateWatch> logger) : FileWatch(clock)
{
    protected override void Look()
    {
        if (files.Refresh())
        {
            CertificatesChanged(logger);
        }
    }

    protected override void TellKept(string reason) => CertificatesKept(logger, reason);

    [LoggerMessage(42, LogLevel.Information, "The certificates have changed; new connections go by them")]
    private static partial void CertificatesChanged(ILogger logger);

    [LoggerMessage(43, LogLevel.Warning, "The certificates stay as they were: {Reason}")]
    private static partial void CertificatesKept(ILogger logger, string reason);
}
