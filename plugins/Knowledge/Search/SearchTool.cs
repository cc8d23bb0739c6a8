using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Search;

/// <summary>Searches the documents of the run's tenant for the model. Thread-safe.</summary>
/// <param name="find">Finds passages for a text and a tenant, as text for the model; null for none.</param>
internal sealed class SearchTool(Func<string, string, CancellationToken, Task<string?>> find) : AIFunction
{
    public override string Name => "search_documents";

    public override string Description =>
        "Searches documents and returns the passages that fit best, with their sources. Use it before you answer a question that documents may answer.";

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "properties": { "query": { "type": "string", "description": "The words to look for, or a question, in the language of the documents." } },
          "required": ["query"],
          "additionalProperties": false
        }
        """);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new Dictionary<string, object?>(StringComparer.Ordinal) { [RepeatableToolAttribute.Property] = true, ["readOnlyHint"] = true };

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        var query = arguments.TryGetValue("query", out var value) && value?.ToString() is { } text ? text : "";
        if (string.IsNullOrWhiteSpace(query)) return "'query' must be a non-empty text.";
        return await find(query, arguments.GetSession().Key.Tenant, cancellationToken) ?? "No passage was found. Try other words.";
    }
}
