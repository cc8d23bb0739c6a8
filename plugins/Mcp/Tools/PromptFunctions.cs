using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using PluginHost.Mcp.Servers;

namespace PluginHost.Mcp.Tools;

/// <summary>The tools by which a model uses the prompts of servers.</summary>
internal static class PromptFunctions
{
    private const string PromptParameters =
        """
        {
          "type": "object",
          "properties": {
            "server": { "type": "string", "description": "The server, as the list of prompts names it." },
            "name": { "type": "string", "description": "The prompt." },
            "arguments": { "type": "object", "description": "The values for the prompt's arguments, by name.", "additionalProperties": { "type": "string" } }
          },
          "required": ["name"]
        }
        """;

    public static IEnumerable<AIFunction> Create(IReadOnlyList<McpServer> servers, ToolResults results)
    {
        yield return new ServerFunction(
            "list_prompts", "Lists the prompts that can be filled with get_prompt, with their arguments.", ServerFunction.NoParameters, results,
            async (arguments, cancellationToken) => await ServerFunction.ListAsync(servers, results, arguments, "There are no prompts.", ListAsync, cancellationToken));
        yield return new ServerFunction(
            "get_prompt", "Fills a prompt and returns its text.", PromptParameters, results,
            async (arguments, cancellationToken) => await GetAsync(servers, results, arguments, cancellationToken));
    }

    private static async Task<IEnumerable<string>> ListAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        if (connection.Client.ServerCapabilities.Prompts is null) return [];
        var prompts = await connection.Client.ListPromptsAsync(cancellationToken: cancellationToken);
        return prompts.Select(p => $"{p.Name}({Names(p.ProtocolPrompt.Arguments)}){(p.Description is null ? "" : $": {p.Description}")}");
    }

    private static string Names(IList<PromptArgument>? arguments) =>
        string.Join(", ", (arguments ?? []).Select(a => a.Required == true ? $"{a.Name} (required)" : a.Name));

    private static async Task<object> GetAsync(IReadOnlyList<McpServer> servers, ToolResults results, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var (server, error) = ServerFunction.Find(servers, arguments);
        if (server is null) return error!;
        if (ServerFunction.Text(arguments, "name") is not { Length: > 0 } name) return "'name' must be the name of a prompt.";
        var values = Values(arguments);
        var filled = await ServerCall.AskAsync(
            server, $"The prompt '{name}'", arguments, (connection, limit) => connection.Client.GetPromptAsync(name, values, cancellationToken: limit.Token).AsTask(), cancellationToken);
        return results.Bound([.. filled.ToChatMessages().SelectMany(m => m.Contents)]);
    }

    private static Dictionary<string, object?> Values(AIFunctionArguments arguments) =>
        arguments.GetValueOrDefault("arguments") is JsonElement { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.ToString(), StringComparer.Ordinal)
            : [];
}
