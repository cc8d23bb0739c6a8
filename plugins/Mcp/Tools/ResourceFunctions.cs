using Microsoft.Extensions.AI;
using ModelContextProtocol;
using PluginHost.Mcp.Servers;

namespace PluginHost.Mcp.Tools;

/// <summary>The tools by which a model reads the resources of servers.</summary>
internal static class ResourceFunctions
{
    private const string AddressParameters =
        """
        {
          "type": "object",
          "properties": {
            "server": { "type": "string", "description": "The server, as the list of resources names it." },
            "uri": { "type": "string", "description": "The address of the resource." }
          },
          "required": ["uri"]
        }
        """;

    public static IEnumerable<AIFunction> Create(IReadOnlyList<McpServer> servers, ToolResults results)
    {
        yield return new ServerFunction(
            "list_resources", "Lists the resources that can be read with read_resource.", ServerFunction.NoParameters, results,
            async (arguments, cancellationToken) => await ServerFunction.ListAsync(servers, results, arguments, "There are no resources.", ListAsync, cancellationToken));
        yield return new ServerFunction(
            "read_resource", "Reads a resource by its address.", AddressParameters, results,
            async (arguments, cancellationToken) => await ReadAsync(servers, results, arguments, cancellationToken));
    }

    private static async Task<IEnumerable<string>> ListAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        if (connection.Client.ServerCapabilities.Resources is null) return [];
        var resources = await connection.Client.ListResourcesAsync(cancellationToken: cancellationToken);
        return [.. resources.Select(r => $"{r.Uri} {r.Name}{Explain(r.Description)}"), .. await ListTemplatesAsync(connection, cancellationToken)];
    }

    private static async Task<IEnumerable<string>> ListTemplatesAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var templates = await connection.Client.ListResourceTemplatesAsync(cancellationToken: cancellationToken);
            return [.. templates.Select(t => $"{t.UriTemplate} {t.Name}{Explain(t.Description)}")];
        }
        catch (McpProtocolException refused) when (refused.ErrorCode == McpErrorCode.MethodNotFound)
        {
            // A server with resources need not have templates.
            return [];
        }
    }

    private static async Task<object> ReadAsync(IReadOnlyList<McpServer> servers, ToolResults results, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var (server, error) = ServerFunction.Find(servers, arguments);
        if (server is null) return error!;
        if (ServerFunction.Text(arguments, "uri") is not { Length: > 0 } uri) return "'uri' must be the address of a resource.";
        var read = await ServerCall.AskAsync(
            server, $"The resource '{uri}'", arguments, (connection, limit) => connection.Client.ReadResourceAsync(uri, cancellationToken: limit.Token).AsTask(), cancellationToken);
        return results.Bound([.. read.Contents.ToAIContents()]);
    }

    private static string Explain(string? description) => description is null ? "" : $": {description}";
}
