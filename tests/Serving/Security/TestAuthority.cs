using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

/// <summary>An authority made for a test, with the files of what it vouches for.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 root;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(RootFile, root.ExportCertificatePem());
        RenewServer();
    }

    /// <summary>The authority's own certificate.</summary>
    public string RootFile => In("authority.pem");

    public string ServerFile => In("server.pem");

    public string ServerKeyFile => In("server.key");

    public string In(string name) => Path.Combine(folder.Path, name);

    /// <summary>Replaces the server's certificate and key by new ones; gives the certificate's thumbprint.</summary>
    public string RenewServer()
    {
        var (certificate, text) = Issue("CN=localhost", "1.3.6.1.5.5.7.3.1", root);
        File.WriteAllText(ServerFile, certificate.ExportCertificatePem());
        File.WriteAllText(ServerKeyFile, text);
        return certificate.Thumbprint;
    }

    /// <summary>A certificate for a caller.</summary>
    public X509Certificate2 Client(string name) => Client(name, root);

    /// <summary>A certificate for a caller, from an authority that this one vouches for and nobody else knows.</summary>
    public (X509Certificate2 Certificate, X509Certificate2 Intermediate) ClientOfAnother(string name)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=another authority", own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var between = request.Create(
            root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddHours(20), RandomNumberGenerator.GetBytes(8));
        return (Client(name, between.CopyWithPrivateKey(own)), between);
    }

    private static X509Certificate2 Client(string name, X509Certificate2 issuer)
    {
        var (certificate, text) = Issue($"CN={name}", "1.3.6.1.5.5.7.3.2", issuer);
        using var plain = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), text);
        return X509CertificateLoader.LoadPkcs12(plain.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A handler that trusts this authority alone, and shows a certificate where one is given.</summary>
    /// <param name="client">The certificate.</param>
    /// <param name="between">What lies between it and the authority, shown along with it.</param>
    /// <param name="seen">Told the thumbprint of what the server shows.</param>
    public SocketsHttpHandler Handler(X509Certificate2? client = null, X509Certificate2? between = null, Action<string>? seen = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(root);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            seen?.Invoke(shown!.GetCertHashString());
            return chain.Build(new X509Certificate2(shown!));
        };
        if (client is not null)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
                client, between is null ? null : [between], offline: true);
        }

        return handler;
    }

    public void Dispose()
    {
        root.Dispose();
        key.Dispose();
        folder.Dispose();
    }

    private static (X509Certificate2 Certificate, string Key) Issue(string name, string usage, X509Certificate2 issuer)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.Create(
            issuer, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return (certificate, own.ExportPkcs8PrivateKeyPem());
    }
}
