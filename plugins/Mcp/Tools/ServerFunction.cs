using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Mcp.Servers;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Tools;

/// <summary>A tool of the plugin itself, about the resources or prompts of servers. Thread-safe.</summary>
internal sealed class ServerFunction(string name, string description, string parameters, Func<AIFunctionArguments, CancellationToken, ValueTask<object?>> invoke) : AIFunction
{
    private static readonly Dictionary<string, object?> ReadOnly = new(StringComparer.Ordinal) { ["readOnlyHint"] = true };

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(parameters);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => ReadOnly;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => invoke(arguments, cancellationToken);

    /// <summary>A text that the model gave.</summary>
    public static string? Text(AIFunctionArguments arguments, string name) => arguments.GetValueOrDefault(name) switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        _ => null,
    };

    /// <summary>The server that the model names.</summary>
    /// <returns>The server; null, with a text for the model, when there is no such one.</returns>
    public static (McpServer? Server, string? Error) Find(IReadOnlyList<McpServer> servers, AIFunctionArguments arguments)
    {
        var name = Text(arguments, "server");
        if (name is null && servers.Count == 1) return (servers[0], null);
        return servers.FirstOrDefault(s => s.Name == name) is { } found ? (found, null) : (null, $"There is no server '{name}'. Servers: {string.Join(", ", servers.Select(s => s.Name))}.");
    }

    /// <summary>The connection for the session of a call.</summary>
    public static ValueTask<ServerConnection> ConnectAsync(McpServer server, AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        server.GetConnectionAsync(arguments.GetSession().Key, cancellationToken);
}
