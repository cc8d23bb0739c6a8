using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>The certificates by which hosts recognise each other. Immutable.</summary>
/// <param name="Own">That of this host, with its private key.</param>
/// <param name="Authorities">Those of the authorities that issue the certificates of all hosts.</param>
internal sealed record HostCertificates(X509Certificate2 Own, X509Certificate2Collection Authorities)
{
    public const string Cure = "Write PEM files: the certificate of this host with the name in CertificateName, its private key, and the certificates of the authorities above it.";

    /// <returns>The certificates; or what is wrong with the files, as a sentence that quotes none of them.</returns>
    public static (HostCertificates? Found, string? Error) Read(ClusterTlsConfiguration tls)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.PrivateKeyFile);
            // Windows takes no private key for TLS that was read from PEM.
            var own = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(tls.AuthoritiesFile);
            if (authorities.Count == 0) return (null, $"'{tls.AuthoritiesFile}' holds no certificate.");
            if (!own.MatchesHostname(tls.CertificateName)) return (null, $"The certificate in '{tls.CertificateFile}' does not have the name '{tls.CertificateName}'.");
            return (new HostCertificates(own, authorities), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"A file cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // The parsers' messages may quote a file.
            return (null, "The files cannot be read as a certificate with its private key and authorities, or the name is not one of DNS.");
        }
    }
}
