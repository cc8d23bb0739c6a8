using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using PluginHost.Mcp.Servers;

namespace PluginHost.Mcp.Tools;

/// <summary>The tools by which a model uses the prompts of servers.</summary>
internal static class PromptFunctions
{
    private const string NoParameters = """{ "type": "object", "properties": {} }""";

    private const string Prompt =
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
            "list_prompts", "Lists the prompts that can be filled with get_prompt, with their arguments.", NoParameters,
            async (arguments, cancellationToken) => await ListAsync(servers, results, arguments, cancellationToken));
        yield return new ServerFunction(
            "get_prompt", "Fills a prompt and returns its text.", Prompt,
            async (arguments, cancellationToken) => await GetAsync(servers, results, arguments, cancellationToken));
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
            if (connection.Client.ServerCapabilities.Prompts is null) continue;
            foreach (var prompt in await connection.Client.ListPromptsAsync(cancellationToken: cancellationToken))
            {
                var names = string.Join(", ", (prompt.ProtocolPrompt.Arguments ?? []).Select(a => a.Required == true ? $"{a.Name} (required)" : a.Name));
                list.AppendLine($"{server.Name} {prompt.Name}({names}){(prompt.Description is null ? "" : $": {prompt.Description}")}");
            }
        }

        return results.Bound([new TextContent(list.Length == 0 ? "There are no prompts." : list.ToString())]);
    }

    private static async Task<object> GetAsync(IReadOnlyList<McpServer> servers, ToolResults results, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var (server, error) = ServerFunction.Find(servers, arguments);
        if (server is null) return error!;
        if (ServerFunction.Text(arguments, "name") is not { Length: > 0 } name) return "'name' must be the name of a prompt.";
        var connection = await ServerFunction.ConnectAsync(server, arguments, cancellationToken);
        var filled = await connection.Client.GetPromptAsync(name, Values(arguments), cancellationToken: cancellationToken);
        return results.Bound([.. filled.ToChatMessages().SelectMany(m => m.Contents)]);
    }

    private static Dictionary<string, object?> Values(AIFunctionArguments arguments) =>
        arguments.GetValueOrDefault("arguments") is JsonElement { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.ToString(), StringComparer.Ordinal)
            : [];
}
