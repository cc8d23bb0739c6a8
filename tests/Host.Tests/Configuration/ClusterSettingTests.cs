using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Configuration;

public sealed class ClusterSettingTests : IDisposable
{
    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("""{ "Address": "http://10.0.0.1:5080" }""", "Cluster:Key: Required, because http://10.0.0.1:5080/ can be reached from other machines.")]
    [InlineData("""{ "Key": { "Environment": "SHORT" } }""", "Cluster:Key: The key is too short (its value is not shown).")]
    [InlineData("""{ "Address": "http://10.0.0.1:5080/x", "Key": { "Environment": "LONG" } }""", "Cluster:Address: 'http://10.0.0.1:5080/x' is not the address of a host.")]
    [InlineData("""{ "Address": "ftp://10.0.0.1:5080", "Key": { "Environment": "LONG" } }""", "Cluster:Address: 'ftp://10.0.0.1:5080' is not the address of a host.")]
    [InlineData("""{ "Address": "http://0.0.0.0:5080", "Key": { "Environment": "LONG" } }""", "Cluster:Address: 'http://0.0.0.0:5080' is every address of a machine")]
    [InlineData("""{ "Address": "http://[::]:5080", "Key": { "Environment": "LONG" } }""", "Cluster:Address: 'http://[::]:5080' is every address of a machine")]
    public void A_wrong_setting_is_reported_with_its_path(string cluster, string message)
    {
        _fixture.Environment["SHORT"] = "short-key";
        _fixture.Environment["LONG"] = "sixteen-characters";

        var error = Assert.Single(_fixture.Errors($$"""{ "Agents": { "a": {} }, "Cluster": {{cluster}} }"""));

        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("short-key", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_are_imported_again_only_when_a_file_has_changed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hosts.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("hosts.test");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        using var renewed = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(2));
        var tls = new ClusterTlsConfiguration
        {
            Listen = "https://127.0.0.1:5443",
            CertificateFile = _fixture.Write("host.crt", certificate.ExportCertificatePem()),
            PrivateKeyFile = _fixture.Write("host.key", key.ExportPkcs8PrivateKeyPem()),
            AuthoritiesFile = _fixture.Write("ca.crt", certificate.ExportCertificatePem()),
            CertificateName = "hosts.test",
        };

        var (first, error) = HostCertificates.Read(tls);
        Assert.Null(error);
        Assert.Same(first, HostCertificates.Read(tls, first).Found);

        _fixture.Write("host.crt", renewed.ExportCertificatePem());
        Assert.Equal(renewed.Thumbprint, HostCertificates.Read(tls, first).Found!.Own.Thumbprint);
    }

    [Theory]
    [InlineData("""{ "Address": "http://127.0.0.1:5080" }""")]
    [InlineData("""{ "Address": "https://[fd00::1]:5080/", "Key": { "Environment": "LONG" }, "HostName": "a" }""")]
    public void A_good_section_is_read(string cluster)
    {
        _fixture.Environment["LONG"] = "sixteen-characters";

        Assert.NotNull(_fixture.Read($$"""{ "Agents": { "a": {} }, "Cluster": {{cluster}} }""").Cluster.Address);
    }
}
