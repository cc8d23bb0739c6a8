using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using PluginHost.Mcp.Servers;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Tools;

/// <summary>A tool of the plugin itself, about the resources or prompts of servers. Thread-safe.</summary>
internal sealed class ServerFunction(
    string name, string description, string parameters, ToolResults results, Func<AIFunctionArguments, CancellationToken, ValueTask<object?>> invoke) : AIFunction
{
    public const string NoParameters = """{ "type": "object", "properties": {} }""";

    private static readonly Dictionary<string, object?> ReadOnly = new(StringComparer.Ordinal) { ["readOnlyHint"] = true, [RepeatableToolAttribute.Property] = true };

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(parameters);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => ReadOnly;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await invoke(arguments, cancellationToken);
        }
        catch (McpProtocolException refused)
        {
            return ServerCall.Refused("The request", refused, results);
        }
    }

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
        // At the same time, so that a server that hangs takes no time from the others.
        var lines = (await Task.WhenAll(servers.Select(ListOneAsync))).SelectMany(static l => l).ToList();
        return results.Bound([new TextContent(lines.Count == 0 ? none : string.Join('\n', lines))]);

        async Task<IReadOnlyList<string>> ListOneAsync(McpServer server)
        {
            try
            {
                var found = await ServerCall.SendAsync(server, "A list", arguments, (connection, limit) => list(connection, limit.Token), cancellationToken);
                return [.. found.Select(line => $"{server.Name} {line}")];
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The reason is for operators: readiness shows it.
                return [$"{server.Name}: not available"];
            }
        }
    }
}
