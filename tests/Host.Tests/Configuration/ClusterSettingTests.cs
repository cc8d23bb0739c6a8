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

    [Theory]
    [InlineData("""{ "Address": "http://127.0.0.1:5080" }""")]
    [InlineData("""{ "Address": "https://[fd00::1]:5080/", "Key": { "Environment": "LONG" }, "HostName": "a" }""")]
    public void A_good_section_is_read(string cluster)
    {
        _fixture.Environment["LONG"] = "sixteen-characters";

        Assert.NotNull(_fixture.Read($$"""{ "Agents": { "a": {} }, "Cluster": {{cluster}} }""").Cluster.Address);
    }
}
