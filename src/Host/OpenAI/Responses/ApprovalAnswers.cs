using System.Text.Json;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Decides on the approvals that a request answers, and gives the response that waited for them. For one request.</summary>
internal sealed class ApprovalAnswers(HttpContext context, RequestKey key)
{
    /// <summary>The same as in POST /v1/approvals/{id}.</summary>
    private const int MaxReason = 2000;

    private readonly RunEngine _engine = context.Service<RunEngine>();
    private readonly string _tenant = Tenancy.TenantOf(context);

    /// <summary>Whether a request ends with decisions. A client without a state of the service sends all that was said before them.</summary>
    public static bool AreIn(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("input", out var input) && input.ValueKind == JsonValueKind.Array && input.GetArrayLength() is > 0 and var count
        && input[count - 1] is { ValueKind: JsonValueKind.Object } last && last.TryGetProperty(ApprovalItems.RequestId, out var id)
        && id.ValueKind == JsonValueKind.String && ApprovalIds.RunOf(id.GetString()!) is not null
        && last.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(ApprovalItems.Response);

    /// <summary>The input of another request without the approvals that were decided before.</summary>
    public static ResponseRequestBody Remove(ResponseRequestBody body) =>
        body.Input?.Any(ApprovalItems.IsOwn) == true ? body with { Input = [.. body.Input.Where(i => !ApprovalItems.IsOwn(i))] } : body;

    /// <returns>The run, and the last approval that was decided: what comes behind it is the answer.</returns>
    /// <exception cref="ProblemException">A decision is refused, or one is missing; nothing was changed.</exception>
    public async ValueTask<(RunHandle Run, string Behind)> DecideAsync(ResponseRequestBody body, InputErrors errors)
    {
        errors.ThrowIfAny();
        var verdicts = Read(body, errors);
        errors.ThrowIfAny();
        var run = await CheckAsync(body, verdicts);
        // In the order of the response: what comes behind the last one is the answer.
        var approvals = ApprovalContent.In(run.Output);
        var order = approvals.ConvertAll(a => a.Id);
        verdicts.Sort((a, b) => order.IndexOf(a.ApprovalId).CompareTo(order.IndexOf(b.ApprovalId)));
        // Open ones last: a decision that differs from an earlier one is refused before anything is changed.
        foreach (var verdict in verdicts.OrderBy(v => approvals.Exists(a => a.Id == v.ApprovalId && a.Decision is null))) run = (await _engine.DecideAsync(_tenant, verdict, context.RequestAborted)).Run;
        if (_engine.FindLive(_tenant, run.Id) is { IsParked: false } live) return (live, verdicts[^1].ApprovalId);
        var ended = await _engine.GetRunAsync(run.Session, run.Id, context.RequestAborted);
        return (RunHandle.FromEnded(ended), verdicts[^1].ApprovalId);
    }

    private List<ApprovalVerdict> Read(ResponseRequestBody body, InputErrors errors)
    {
        var verdicts = new List<ApprovalVerdict>();
        var (first, ids) = (body.Input.Count, new HashSet<string>(StringComparer.Ordinal));
        while (first > 0 && ApprovalItems.IsOwn(body.Input[first - 1])) first--;
        if (first > 0 && (body.PreviousResponseId ?? body.Conversation?.Id) is not null)
            errors.Add(InputErrors.At("input", first - 1), "Decisions on approvals come alone.", "only items of the type mcp_approval_response");
        for (var i = first; i < body.Input.Count && !errors.IsFull; i++)
        {
            var path = InputErrors.At("input", i);
            if (body.Input[i] is not HostedItemBody { Type: ApprovalItems.Response } item || Read(item, path, errors) is not { } verdict) continue;
            if (ids.Add(verdict.ApprovalId)) verdicts.Add(verdict);
            else errors.Add(InputErrors.Join(path, ApprovalItems.RequestId), "Another item decides on the same approval.", "one decision for each approval");
        }

        return verdicts;
    }

    private ApprovalVerdict? Read(HostedItemBody item, string path, InputErrors errors)
    {
        var id = ApprovalItems.IdOf(item)!;
        if (!item.Sent.TryGetProperty("approve", out var approve) || approve.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            errors.Add(InputErrors.Join(path, "approve"), "Expected boolean.", "true or false");
            return null;
        }

        var reason = item.Sent.TryGetProperty("reason", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        if (reason?.Length > MaxReason) errors.Add(InputErrors.Join(path, "reason"), $"Has {reason.Length} characters.", $"at most {MaxReason}");
        // Clients of this interface send a request again without a key: the same decision gets the same response.
        return new ApprovalVerdict(id, approve.GetBoolean(), reason) { By = Tenancy.CallerName(context), Key = key.Key ?? $"response {id}" };
    }

    /// <summary>All that the response waits for is decided at once, as with tools of the service.</summary>
    private async ValueTask<RunRecord> CheckAsync(ResponseRequestBody body, List<ApprovalVerdict> verdicts)
    {
        var run = (await _engine.GetApprovalAsync(_tenant, verdicts[0].ApprovalId, context.RequestAborted)).Run;
        if (verdicts.Exists(v => ApprovalIds.RunOf(v.ApprovalId) != run.Id))
            throw ProblemException.Invalid(new ProblemError("input", "has approvals of several responses", "those of one response"));
        if (body.PreviousResponseId is { } previous && previous != run.Id)
            throw ProblemException.Invalid(new ProblemError("previous_response_id", $"is not the response that asked for the approval '{verdicts[0].ApprovalId}'", run.Id));
        if (body.Conversation is { } conversation && conversation.Id != run.Session.Id)
            throw ProblemException.Invalid(new ProblemError("conversation", $"is not that of the approval '{verdicts[0].ApprovalId}'", run.Session.Id));
        var missing = ApprovalContent.In(run.Output).FirstOrDefault(a => a.Decision is null && !verdicts.Exists(v => v.ApprovalId == a.Id));
        if (RunParking.IsParked(run) && missing is not null)
            throw new ProblemException(ProblemTypes.ToolResultMissing, $"No approval response found for the approval request {missing.Id}.") { Errors = [new("input", "has no mcp_approval_response for an open request", missing.Id)] };
        return run;
    }
}
