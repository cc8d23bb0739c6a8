using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>The query of the list of approvals.</summary>
internal sealed record ApprovalListParameters(
    [property: Range(1, 100), Description("How many approvals at most.")] int Limit = 20,
    [property: Id, Description("Only approvals after the one with this id.")] string? After = null);

/// <summary>The body of <c>POST /v1/approvals/{id}</c>.</summary>
internal sealed record DecisionBody(
    [property: Description("Whether the call is made; with false it is refused.")] bool Approve,
    [property: MaxLength(2000), Description("The reason. The model gets it with a refusal.")] string? Reason = null,
    [property: Description("The call that the approver saw: 409 when the approval is for another one.")] string? CallId = null,
    [property: AnyObject, Description("The arguments that the approver saw: 409 when the call has others.")] JsonElement? Arguments = null);

[Description("What a tool says of itself, such as the annotations of an MCP server. A hint that it does not give is absent.")]
internal sealed record ToolHintsResource(
    [property: Description("The tool changes nothing.")] bool? ReadOnly,
    [property: Description("The tool may destroy something.")] bool? Destructive,
    [property: Description("A second call with the same arguments changes nothing more.")] bool? Idempotent,
    [property: Description("The tool reaches what is not known beforehand, such as the web.")] bool? OpenWorld);

[Description("A call of a tool that needs an approval. The run waits for it.")]
internal sealed record ApprovalResource(
    string Id,
    [property: AllowedText("approval")] string Object,
    [property: AllowedText("pending", "approved", "refused")] string Status,
    string SessionId,
    string RunId,
    string Agent,
    [property: Description("The id of the call.")] string CallId,
    [property: Description("The name of the tool.")] string Tool,
    [property: Description("The arguments of the call, exactly as the tool would get them.")] JsonElement Arguments,
    DateTime RequestedAt)
{
    [Description("The plugin that gave the tool.")]
    public string? Source { get; init; }

    [Description("What the tool says of itself; absent when it says nothing. The host does not check it.")]
    public ToolHintsResource? Hints { get; init; }

    [Description("When the call is refused unless it is decided; absent for never.")]
    public DateTime? ExpiresAt { get; init; }

    public DateTime? DecidedAt { get; init; }

    [Description("Who decided: the subject of a token, or the beginning of a key's hash. Absent without keys, and when the time was over.")]
    public string? DecidedBy { get; init; }

    public string? Reason { get; init; }

    public static ApprovalResource From(FoundApproval found) => From(found.Run, found.Approval);

    public static ApprovalResource From(RunRecord run, Approval approval)
    {
        var decision = approval.Decision;
        return new ApprovalResource(
            approval.Id,
            "approval",
            decision is null ? "pending" : decision.IsApproved ? "approved" : "refused",
            run.Session.Id,
            run.Id,
            run.Agent,
            approval.Call.CallId,
            approval.Call.Name,
            JsonElement.Parse(CallArguments.ToText(approval.Call)),
            approval.RequestedAt.UtcDateTime)
        {
            Source = approval.Source,
            Hints = approval.Hints is { } hints ? new ToolHintsResource(hints.ReadOnly, hints.Destructive, hints.Idempotent, hints.OpenWorld) : null,
            ExpiresAt = approval.ExpiresAt?.UtcDateTime,
            DecidedAt = decision?.At.UtcDateTime,
            DecidedBy = decision?.By,
            Reason = decision?.Reason,
        };
    }
}
