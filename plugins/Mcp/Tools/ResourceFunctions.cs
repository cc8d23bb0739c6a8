using System.Text;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using PluginHost.Mcp.Servers;

namespace PluginHost.Mcp.Tools;

/// <summary>The tools by which a model reads the resources of servers.</summary>
internal static class ResourceFunctions
{
    private const string NoParameters = """{ "type": "object", "properties": {} }""";

    private const string Address =
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
            "list_resources", "Lists the resources that can be read with read_resource.", NoParameters,
            async (arguments, cancellationToken) => await ListAsync(servers, results, arguments, cancellationToken));
        yield return new ServerFunction(
            "read_resource", "Reads a resource by its address.", Address,
            async (arguments, cancellationToken) => await ReadAsync(servers, results, arguments, cancellationToken));
    }

    private static async Task<object> ListAsync(IReadOnlyList<McpServer> servers, ToolResults results, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var list = new StringBuilder();
        foreach (var server in servers)
        {
            if (server.State.Error is { } error)
            {
                list.AppendLine($"{server.Name}: not available ({error})");
                continue;
            }

            var connection = await ServerFunction.ConnectAsync(server, arguments, cancellationToken);
            if (connection.Client.ServerCapabilities.Resources is null) continue;
            foreach (var resource in await connection.Client.ListResourcesAsync(cancellationToken: cancellationToken))
                list.AppendLine($"{server.Name} {resource.Uri} {resource.Name}{Explain(resource.Description)}");
            foreach (var template in await connection.Client.ListResourceTemplatesAsync(cancellationToken: cancellationToken))
                list.AppendLine($"{server.Name} {template.UriTemplate} {template.Name}{Explain(template.Description)}");
        }

        return results.Bound([new TextContent(list.Length == 0 ? "There are no resources." : list.ToString())]);
    }

    private static async Task<object> ReadAsync(IReadOnlyList<McpServer> servers, ToolResults results, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var (server, error) = ServerFunction.Find(servers, arguments);
        if (server is null) return error!;
        if (ServerFunction.Text(arguments, "uri") is not { Length: > 0 } uri) return "'uri' must be the address of a resource.";
        var connection = await ServerFunction.ConnectAsync(server, arguments, cancellationToken);
        var read = await connection.Client.ReadResourceAsync(uri, cancellationToken: cancellationToken);
        return results.Bound([.. read.Contents.ToAIContents()]);
    }

    private static string Explain(string? description) => description is null ? "" : $": {description}";
}
