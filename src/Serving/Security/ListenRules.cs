using System.Net;
using Orca.Serving.Hosting;

namespace Orca.Serving.Security;

/// <summary>Where a server may listen: beyond this machine only encrypted, and only to callers it can tell apart.</summary>
internal static class ListenRules
{
    /// <summary>Refuses options that would leave a server open to a network.</summary>
    /// <exception cref="ServingException">They would; or they contradict each other.</exception>
    public static void Check(ServingOptions options, IPAddress address)
    {
        var knowsCallers = options.KeyFile is not null || options.ClientAuthorityFile is not null;
        if (!IPAddress.IsLoopback(address) && (options.CertificateFile is null || !knowsCallers))
        {
            throw new ServingException(
                $"Listening on {options.Address} lets others than this machine in, which needs TLS and a way to know callers: set "
                    + "serving.certificateFile, and serving.keyFile (see 'orca keys add') or serving.clientAuthorityFile; or listen on "
                    + "127.0.0.1.");
        }

        if (options.CertificateFile is null && (options.CertificateKeyFile ?? options.ClientAuthorityFile) is not null)
        {
            throw new ServingException("Settings serving.certificateKeyFile and serving.clientAuthorityFile need "
                + "serving.certificateFile; set it, or leave them away.");
        }
    }
}
