using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orca.Serving.Hosting;

namespace Orca.Serving.Security;

/// <summary>
/// How a server shows who it is and checks who calls, by PEM files as they stood when they were looked at last. Read from any
/// thread while one refreshes them.
/// </summary>
internal sealed class TlsFiles
{
    private const string CertificateSetting = "serving.certificateFile";
    private const string AuthoritySetting = "serving.clientAuthorityFile";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ServingOptions options;
    private PemTexts texts;
    private volatile Credentials current;

    /// <param name="options">Names the files; a certificate among them.</param>
    /// <exception cref="ServingException">A file is missing or unusable.</exception>
    public TlsFiles(ServingOptions options)
    {
        this.options = options;
        texts = ReadTexts();
        current = Open(texts);
    }

    /// <summary>
    /// The options of one handshake, by the files as they are known now. A caller's certificate must come from one of the
    /// authorities, also where certificates between the two are known from the caller alone.
    /// </summary>
    public SslServerAuthenticationOptions ForHandshake()
    {
        var (shown, authorities) = current;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = shown,
            ClientCertificateRequired = authorities is not null,
            CertificateChainPolicy = authorities is null ? null : PolicyOf(authorities),
        };
    }

    /// <summary>
    /// Takes over what the files hold now. By their text and not by their time: a link may lead to another file, as old as the first.
    /// </summary>
    /// <returns>Whether they have changed.</returns>
    /// <exception cref="ServingException">
    /// A file is gone or unusable, or certificate and key do not belong together; those before stay in force.
    /// </exception>
    public bool Refresh()
    {
        var now = ReadTexts();
        if (now == texts)
        {
            return false;
        }

        current = Open(now);
        texts = now;
        return true;
    }

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }

    private PemTexts ReadTexts() => new(
        Opened(options.CertificateFile!, CertificateSetting, () => File.ReadAllText(options.CertificateFile!)),
        options.CertificateKeyFile is { } key ? Opened(key, "serving.certificateKeyFile", () => File.ReadAllText(key)) : null,
        options.ClientAuthorityFile is { } authority ? Opened(authority, AuthoritySetting, () => File.ReadAllText(authority)) : null);

    private Credentials Open(PemTexts pem)
    {
        var shown = Opened(options.CertificateFile!, CertificateSetting, () => SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPem(pem.Certificate, pem.Key ?? pem.Certificate), All(pem.Certificate), offline: true));
        return new Credentials(
            shown, pem.Authorities is { } text ? Opened(options.ClientAuthorityFile!, AuthoritySetting, () => All(text)) : null);
    }

    private static X509Certificate2Collection All(string pem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        return all.Count > 0 ? all : throw new CryptographicException("it holds no certificate");
    }

    private static T Opened<T>(string file, string setting, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new ServingException(
                $"'{file}' ({setting}) cannot be used ({fault.Message.TrimEnd('.')}); give PEM files of a certificate and, in it or as "
                    + "serving.certificateKeyFile, of its unencrypted private key.",
                fault);
        }
    }

    private sealed record PemTexts(string Certificate, string? Key, string? Authorities);

    private sealed record Credentials(SslStreamCertificateContext Shown, X509Certificate2Collection? Authorities);
}
