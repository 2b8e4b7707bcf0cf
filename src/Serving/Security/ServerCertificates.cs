using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orca.Serving.Hosting;

namespace Orca.Serving.Security;

/// <summary>How a server shows who it is, and checks who calls, in the TLS handshake. All files are PEM.</summary>
internal static class ServerCertificates
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The handshake's options; null where the server does without TLS.</summary>
    /// <exception cref="ServingException">A file is missing or unusable.</exception>
    public static HttpsConnectionAdapterOptions? Read(ServingOptions options)
    {
        if (options.CertificateFile is not { } file)
        {
            return null;
        }

        var https = new HttpsConnectionAdapterOptions
        {
            ServerCertificate = Opened(file, "serving.certificateFile", () => X509Certificate2.CreateFromPemFile(file, options.CertificateKeyFile)),
            ServerCertificateChain = Opened(file, "serving.certificateFile", () => All(file)),
        };
        if (options.ClientAuthorityFile is { } authority)
        {
            var roots = Opened(authority, "serving.clientAuthorityFile", () => All(authority));
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => IsFrom(roots, certificate);
        }

        return https;
    }

    private static bool IsFrom(X509Certificate2Collection roots, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(certificate);
    }

    private static X509Certificate2Collection All(string file)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file);
        return all.Count > 0 ? all : throw new CryptographicException("it holds no certificate");
    }

    private static T Opened<T>(string file, string setting, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ServingException(
                $"'{file}' ({setting}) cannot be used ({fault.Message.TrimEnd('.')}); give PEM files of a certificate and, in it or as serving.certificateKeyFile, of its unencrypted private key.", fault);
        }
    }
}
