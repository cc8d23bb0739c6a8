using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>Approvals of the host's own tools, in the form that clients know from tools of MCP servers.</summary>
internal static class ApprovalItems
{
    public const string Request = "mcp_approval_request", Response = "mcp_approval_response";

    public const string RequestId = "approval_request_id";

    private const string NoServer = "host";

    public static HostedItem ToItem(ToolApprovalRequestContent request)
    {
        var approval = ApprovalContent.From(request);
        return new HostedItem(approval.Id)
        {
            Members = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
            {
                ["type"] = ToJson(Request),
                ["server_label"] = ToJson(approval.Source ?? NoServer),
                ["name"] = ToJson(approval.Call.Name),
                ["arguments"] = ToJson(CallArguments.ToText(approval.Call)),
            },
        };
    }

    /// <summary>Whether an item of a caller asks for, or decides on, an approval of the host. Others are of the model's service.</summary>
    public static bool IsOwn(ItemBody? item) => item is HostedItemBody { Type: Request or Response } sent && IdOf(sent) is { } id && ApprovalIds.RunOf(id) is not null;

    /// <summary>The approval that an item names; null when it names none.</summary>
    public static string? IdOf(HostedItemBody item) =>
        item.Sent.TryGetProperty(item.Type == Request ? "id" : RequestId, out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private static JsonElement ToJson(string text) => JsonSerializer.SerializeToElement(text, WireJson.Default.String);
}
