using System.Text.RegularExpressions;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>No shipped plugin opens the network unless its options say where.</summary>
public sealed partial class NetworkTests
{
    /// <summary>The plugins with an address among their options, and the code that they share.</summary>
    private static readonly string[] WithAddress = ["AnthropicModels", "Knowledge", "Mcp", "Ollama", "PostgresHistory", "Shared"];

    [Fact]
    public void A_plugin_without_an_address_among_its_options_has_no_way_to_the_network() =>
        Assert.DoesNotContain(
            Repository.CSharpFiles("plugins").Where(file => !WithAddress.Contains(file.Split('/')[0])),
            file => Way().IsMatch(Repository.Read($"plugins/{file}")));

    [Fact]
    public void A_way_to_the_network_is_found() =>
        Assert.Contains(Repository.CSharpFiles("plugins/Ollama"), file => Way().IsMatch(Repository.Read($"plugins/Ollama/{file}")));

    [GeneratedRegex(@"\bSystem\.Net\.(Http|Sockets|WebSockets)\b|\b(HttpClient|Socket|TcpClient|UdpClient|ClientWebSocket|Dns)\b")]
    private static partial Regex Way();
}
