using System.Text.Json;

namespace PluginHost.Engine.Messages;

/// <summary>What a tool says of itself, under the names of the Model Context Protocol. The host does not check it. Immutable.</summary>
internal sealed record ToolHints(bool? ReadOnly, bool? Destructive, bool? Idempotent, bool? OpenWorld)
{
    private static readonly string[] Names = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

    /// <summary>The hints among the properties of a tool, as texts.</summary>
    public static IEnumerable<(string Name, string Value)> In(IReadOnlyDictionary<string, object?> tool)
    {
        foreach (var name in Names)
        {
            if (!tool.TryGetValue(name, out var value)) continue;
            if (value is true or JsonElement { ValueKind: JsonValueKind.True }) yield return (name, "true");
            else if (value is false or JsonElement { ValueKind: JsonValueKind.False }) yield return (name, "false");
        }
    }

    /// <param name="get">Gives the text of a hint by its name; null for none.</param>
    /// <returns>Null when there is no hint.</returns>
    public static ToolHints? From(Func<string, string?> get)
    {
        bool?[] values = [.. Names.Select(name => bool.TryParse(get(name), out var value) ? value : (bool?)null)];
        return Array.TrueForAll(values, static v => v is null) ? null : new ToolHints(values[0], values[1], values[2], values[3]);
    }
}
