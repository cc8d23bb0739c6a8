using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>An authority that issues certificates of hosts, as PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly WorkFolder _folder;
    private readonly string _name;
    private int _issued;

    public TestAuthority(WorkFolder folder, string name)
    {
        (_folder, _name) = (folder, name);
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        _certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
    }

    /// <summary>The variables of a host with a certificate of this name.</summary>
    public (string Name, string Value)[] Issue(string dnsName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(_certificate, Now.AddHours(-1), Now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        var prefix = $"{_name}-{++_issued}";
        var address = $"https://127.0.0.1:{HostGroup.FindPort()}";
        return
        [
            ("Cluster__Address", address),
            ("Cluster__Tls__Listen", address),
            ("Cluster__Tls__CertificateFile", _folder.Write($"{prefix}.crt", issued.ExportCertificatePem())),
            ("Cluster__Tls__PrivateKeyFile", _folder.Write($"{prefix}.key", key.ExportPkcs8PrivateKeyPem())),
            ("Cluster__Tls__AuthoritiesFile", _folder.Write($"{prefix}-ca.crt", _certificate.ExportCertificatePem())),
            ("Cluster__Tls__CertificateName", dnsName),
        ];
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
