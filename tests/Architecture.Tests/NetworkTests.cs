using System.Text.RegularExpressions;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>No shipped plugin opens the network unless its options say where.</summary>
public sealed partial class NetworkTests
{
    [Theory]
    [InlineData("Budget")]
    [InlineData("Compaction")]
    [InlineData("FileHistory")]
    [InlineData("Memory")]
    [InlineData("Redaction")]
    [InlineData("SqliteHistory")]
    public void A_plugin_without_an_address_among_its_options_has_no_way_to_the_network(string plugin) =>
        Assert.DoesNotContain(Repository.CSharpFiles($"plugins/{plugin}"), file => Way().IsMatch(Repository.Read($"plugins/{plugin}/{file}")));

    [Fact]
    public void A_way_to_the_network_is_found() =>
        Assert.Contains(Repository.CSharpFiles("plugins/Ollama"), file => Way().IsMatch(Repository.Read($"plugins/Ollama/{file}")));

    [GeneratedRegex(@"\bSystem\.Net\.(Http|Sockets|WebSockets)\b|\b(HttpClient|Socket|TcpClient|UdpClient|ClientWebSocket|Dns)\b")]
    private static partial Regex Way();
}
