using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>A tool of a type that the host does not know. The model's service knows it, and gets it as it was sent.</summary>
/// <param name="type">The type.</param>
/// <param name="place">The index among the tools of the request: one type may come several times.</param>
/// <param name="sent">The declaration.</param>
internal sealed class HostedTool(string type, int place, JsonElement sent) : AITool
{
    private const int MaxFunctions = 1024;

    /// <summary>A name that no function can have.</summary>
    public override string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{type}:{place}");

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new Dictionary<string, object?> { [WireTool.Hosted] = sent, [WireTool.Functions] = FunctionsIn(sent) };

    /// <summary>Checks a declaration. The host keeps a record for each function in it.</summary>
    public static void Check(JsonElement sent, InputErrors errors)
    {
        errors.CheckDepth(sent, JsonDepth.MaxValue);
        if (sent.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > MaxFunctions)
            errors.Add("tools", $"has {tools.GetArrayLength()} items", $"at most {MaxFunctions}");
    }

    /// <summary>The functions of a namespace. The model calls them by their names, and the caller answers.</summary>
    private static IReadOnlyList<string> FunctionsIn(JsonElement sent) =>
        sent.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array
            ? [.. tools.EnumerateArray().Select(NameOf).OfType<string>()]
            : [];

    private static string? NameOf(JsonElement tool) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
}
