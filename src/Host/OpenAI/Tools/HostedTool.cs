using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI.Tools;

/// <summary>A tool of a type that the host does not know. The model's service knows it, and gets it as it was sent.</summary>
/// <param name="type">The type.</param>
/// <param name="place">The index among the tools of the request: one type may come several times.</param>
/// <param name="sent">The declaration.</param>
internal sealed class HostedTool(string type, int place, JsonElement sent) : AITool
{
    /// <summary>A name that no function can have.</summary>
    public override string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{type}:{place}");

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?> { [WireTool.Hosted] = sent };
}
