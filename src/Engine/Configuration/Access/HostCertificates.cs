using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>The certificates by which hosts recognise each other. Immutable.</summary>
/// <param name="Own">That of this host, with its private key.</param>
/// <param name="Authorities">Those of the authorities that issue the certificates of all hosts.</param>
internal sealed record HostCertificates(X509Certificate2 Own, X509Certificate2Collection Authorities)
{
    public const string Cure = "Write PEM files: the certificate of this host with the name in CertificateName, its private key, and the certificates of the authorities above it.";

    /// <summary>The hash of the files' texts.</summary>
    private string Files { get; init; } = "";

    /// <param name="tls">Names the files.</param>
    /// <param name="last">What was read before, which is returned again while the files are the same; null for nothing.</param>
    /// <returns>The certificates; or what is wrong with the files, as a sentence that quotes none of them.</returns>
    public static (HostCertificates? Found, string? Error) Read(ClusterTlsConfiguration tls, HostCertificates? last = null)
    {
        try
        {
            var (certificate, key, issuers) = (File.ReadAllText(tls.CertificateFile), File.ReadAllText(tls.PrivateKeyFile), File.ReadAllText(tls.AuthoritiesFile));
            var files = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', certificate, key, issuers))));
            if (last?.Files == files) return (last, null);
            using var read = X509Certificate2.CreateFromPem(certificate, key);
            // Windows takes no private key for TLS that was read from PEM.
            var own = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(issuers);
            if (authorities.Count == 0) return (null, $"'{tls.AuthoritiesFile}' holds no certificate.");
            if (!own.MatchesHostname(tls.CertificateName)) return (null, $"The certificate in '{tls.CertificateFile}' does not have the name '{tls.CertificateName}'.");
            return (new HostCertificates(own, authorities) { Files = files }, null);
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
