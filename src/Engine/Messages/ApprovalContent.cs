using System.Globalization;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// Requests for approval and decisions on them, as contents of a run's output. They are part of what callers see and of what is stored of
/// the run, and of no message that a plugin or a model gets.
/// </summary>
internal static class ApprovalContent
{
    private const string Source = "source";
    private const string RequestedAt = "requestedAt";
    private const string ExpiresAt = "expiresAt";
    private const string DecidedAt = "decidedAt";
    private const string DecidedBy = "decidedBy";
    private const string Key = "key";

    /// <summary>Asks for the approval of a call.</summary>
    /// <param name="id">The id of the approval, which depends on the call and its arguments.</param>
    /// <param name="call">The call.</param>
    /// <param name="source">The plugin that gave the tool; null when it is not known.</param>
    /// <param name="tool">The properties of the tool, whose hints the request keeps.</param>
    public static ToolApprovalRequestContent Request(string id, FunctionCallContent call, string? source, IReadOnlyDictionary<string, object?> tool)
    {
        var request = new ToolApprovalRequestContent(id, new FunctionCallContent(call.CallId, call.Name, call.Arguments)) { AdditionalProperties = [] };
        Set(request, Source, source);
        foreach (var (hint, value) in ToolHints.In(tool)) Set(request, hint, value);
        return request;
    }

    public static void SetTimes(ToolApprovalRequestContent request, DateTimeOffset requestedAt, DateTimeOffset? expiresAt)
    {
        Set(request, RequestedAt, Text(requestedAt));
        Set(request, ExpiresAt, expiresAt is { } end ? Text(end) : null);
    }

    /// <summary>Decides on a request.</summary>
    public static ToolApprovalResponseContent Decide(ToolApprovalRequestContent request, ApprovalDecision decision)
    {
        var response = new ToolApprovalResponseContent(request.RequestId, decision.IsApproved, request.ToolCall) { Reason = decision.Reason, AdditionalProperties = [] };
        Set(response, DecidedAt, Text(decision.At));
        Set(response, DecidedBy, decision.By);
        Set(response, Key, decision.Key);
        return response;
    }

    /// <summary>Whether a content is a request or a decision.</summary>
    public static bool Is(AIContent content) => content is ToolApprovalRequestContent or ToolApprovalResponseContent;

    /// <summary>All approvals of an output, in order, with the decisions on them.</summary>
    public static List<Approval> In(IReadOnlyList<ChatMessage> output)
    {
        List<Approval>? found = null;
        for (var i = 0; i < output.Count; i++)
        {
            for (var j = 0; j < output[i].Contents.Count; j++)
            {
                if (output[i].Contents[j] is ToolApprovalRequestContent request) (found ??= []).Add(From(request));
                else if (output[i].Contents[j] is ToolApprovalResponseContent response && found is not null) Add(found, response);
            }
        }

        return found ?? [];
    }

    /// <summary>The calls of an output that wait for a decision, or for their turn after one.</summary>
    public static HashSet<string> CallsIn(IReadOnlyList<ChatMessage> output) =>
        output.SelectMany(m => m.Contents).OfType<ToolApprovalRequestContent>().Select(r => r.ToolCall.CallId).ToHashSet(StringComparer.Ordinal);

    /// <summary>What a request says.</summary>
    public static Approval From(ToolApprovalRequestContent request) => new(
        request.RequestId, (FunctionCallContent)request.ToolCall, Get(request, Source), Time(request, RequestedAt) ?? default, Time(request, ExpiresAt), Decision: null, request)
    { Hints = ToolHints.From(name => Get(request, name)) };

    /// <summary>What a decision says.</summary>
    public static ApprovalDecision From(ToolApprovalResponseContent response) => new(
        response.Approved, response.Reason, Time(response, DecidedAt) ?? default)
    { By = Get(response, DecidedBy), Key = Get(response, Key) };

    private static void Add(List<Approval> found, ToolApprovalResponseContent response)
    {
        var index = found.FindIndex(a => a.Id == response.RequestId);
        if (index >= 0) found[index] = found[index] with { Decision = From(response) };
    }

    private static void Set(AIContent content, string name, string? value)
    {
        if (value is not null) content.AdditionalProperties![name] = value;
    }

    private static string? Get(AIContent content, string name) =>
        content.AdditionalProperties?.TryGetValue(name, out var value) == true ? value?.ToString() : null;

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(AIContent content, string name) =>
        Get(content, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;
}

/// <summary>A call of a tool that needs a person's approval. Immutable.</summary>
/// <param name="Id">The id of the approval.</param>
/// <param name="Call">The call, with its exact arguments.</param>
/// <param name="Source">The plugin that gave the tool; null when it is not known.</param>
/// <param name="RequestedAt">When the run asked.</param>
/// <param name="ExpiresAt">When the call is refused unless it is decided; null for never.</param>
/// <param name="Decision">The decision; null while there is none.</param>
/// <param name="Request">The request as it is stored.</param>
internal sealed record Approval(
    string Id, FunctionCallContent Call, string? Source, DateTimeOffset RequestedAt, DateTimeOffset? ExpiresAt, ApprovalDecision? Decision, ToolApprovalRequestContent Request)
{
    /// <summary>What the tool says of itself; null for nothing.</summary>
    public ToolHints? Hints { get; init; }
}

/// <summary>A decision on a call. Immutable.</summary>
/// <param name="IsApproved">Whether the call is made; otherwise it is refused.</param>
/// <param name="Reason">The reason, which the model gets with a refusal; null for none.</param>
/// <param name="At">When it was decided.</param>
internal sealed record ApprovalDecision(bool IsApproved, string? Reason, DateTimeOffset At)
{
    /// <summary>The name of the key that decided; null when it has none, and for a call that was not decided in time.</summary>
    public string? By { get; init; }

    /// <summary>The idempotency key of the request that decided; null for none.</summary>
    public string? Key { get; init; }
}
