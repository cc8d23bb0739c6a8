using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace PluginHost.Mcp.Servers;

/// <summary>What a server offers at one time. Immutable.</summary>
/// <param name="Connection">The shared connection; null while there is none.</param>
/// <param name="Tools">The tools as the server lists them.</param>
/// <param name="Instructions">The server's instructions for models; null for none.</param>
/// <param name="Error">Why there is no connection; null while there is one.</param>
internal sealed record ServerState(ServerConnection? Connection, IReadOnlyList<McpClientTool> Tools, string? Instructions, string? Error)
{
    public static ServerState NotYet { get; } = Down("The first connection has not been made yet.");

    public static ServerState Down(string reason) => new(null, [], null, reason);

    /// <summary>Whether a list that was read again is the same, in the same order.</summary>
    public bool Has(ServerConnection connection, IReadOnlyList<McpClientTool> tools) =>
        Connection == connection && Tools.Count == tools.Count && Tools.Zip(tools).All(static pair => ToText(pair.First) == ToText(pair.Second));

    private static string ToText(McpClientTool tool) => JsonSerializer.Serialize(tool.ProtocolTool, McpJsonUtilities.DefaultOptions);
}
