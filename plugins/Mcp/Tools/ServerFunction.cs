using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Mcp.Servers;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Tools;

/// <summary>A tool of the plugin itself, about the resources or prompts of servers. Thread-safe.</summary>
internal sealed class ServerFunction(string name, string description, string parameters, Func<AIFunctionArguments, CancellationToken, ValueTask<object?>> invoke) : AIFunction
{
    public const string NoParameters = """{ "type": "object", "properties": {} }""";

    private static readonly Dictionary<string, object?> ReadOnly = new(StringComparer.Ordinal) { ["readOnlyHint"] = true, [RepeatableToolAttribute.Property] = true };

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

    /// <summary>What all servers have of a kind, a line each. A server that fails is named; the others are listed all the same.</summary>
    public static async Task<object> ListAsync(
        IReadOnlyList<McpServer> servers,
        ToolResults results,
        AIFunctionArguments arguments,
        string none,
        Func<ServerConnection, CancellationToken, Task<IEnumerable<string>>> list,
        CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var server in servers)
        {
            try
            {
                var connection = await ConnectAsync(server, arguments, cancellationToken);
                lines.AddRange((await list(connection, cancellationToken)).Select(line => $"{server.Name} {line}"));
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The reason is for operators: readiness shows it.
                lines.Add($"{server.Name}: not available");
            }
        }

        return results.Bound([new TextContent(lines.Count == 0 ? none : string.Join('\n', lines))]);
    }

    /// <summary>The connection for the session of a call.</summary>
    public static ValueTask<ServerConnection> ConnectAsync(McpServer server, AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        server.GetConnectionAsync(arguments.GetSession().Key, cancellationToken);
}
