using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>Sets groups of attributes that several spans share.</summary>
internal static class SpanTags
{
    /// <summary>Sets the identity of a run on a span that may already have one.</summary>
    public static void SetIdentity(this Activity activity, ObservedRun run)
    {
        activity.SetTag(Attributes.ConversationId, run.Session.Id);
        activity.SetTag(Attributes.AgentName, run.Agent);
        activity.SetTag(Attributes.RunId, run.RunId);
    }

    // AddTag on a new span avoids the search of SetTag for an existing attribute.
    public static void AddIdentity(this Activity activity, ObservedRun run) => activity
        .AddTag(Attributes.ConversationId, run.Session.Id)
        .AddTag(Attributes.AgentName, run.Agent)
        .AddTag(Attributes.RunId, run.RunId);

    public static void AddModel(this Activity activity, ObservedRun? run)
    {
        activity.AddTag(Attributes.OperationName, SpanNames.InvokeAgent);
        if (run?.Provider is not null) activity.AddTag(Attributes.ProviderName, run.Provider);
        if (run?.Model is not null) activity.AddTag(Attributes.RequestModel, run.Model);
    }

    public static void AddPlugin(this Activity activity, ObservedPlugin plugin, HostOperation operation)
    {
        activity.AddTag(Attributes.PluginName, plugin.SourceId);
        if (operation.PluginKind is { } kind) activity.AddTag(Attributes.PluginKind, kind).AddTag(Attributes.Operation, operation.Verb);
        // A session store is in no chain.
        if (!operation.IsSession) activity.AddTag(Attributes.PluginIndex, plugin.Index);
        activity.AddTag(Attributes.PluginVersion, plugin.Version);
    }

    public static void AddTool(this Activity activity, ObservedTool tool)
    {
        activity.AddTag(Attributes.OperationName, SpanNames.ExecuteTool).AddTag(Attributes.ToolName, tool.Name).AddTag(Attributes.ToolType, "function");
        if (tool.Description.Length > 0) activity.AddTag(Attributes.ToolDescription, tool.Description);
        activity.AddTag(Attributes.ToolCallId, tool.CallId);
    }

    public static void AddUsage(this Activity activity, UsageDetails usage)
    {
        Add(Attributes.InputTokens, usage.InputTokenCount);
        Add(Attributes.OutputTokens, usage.OutputTokenCount);
        Add(Attributes.CacheReadTokens, usage.CachedInputTokenCount);
        Add(Attributes.CacheWriteTokens, CacheWrites.Get(usage));
        Add(Attributes.ReasoningTokens, usage.ReasoningTokenCount);

        void Add(string name, long? count)
        {
            if (count is not null) activity.AddTag(name, count.Value);
        }
    }

    /// <summary>Sets what the model got of the history, and what was left out.</summary>
    public static void AddContext(this Activity activity, RunContextUse use)
    {
        activity.AddTag(Attributes.ContextLoaded, use.LoadedMessages);
        if (use.LeftOutMessages > 0) activity.AddTag(Attributes.ContextLeftOut, use.LeftOutMessages);
        if (use.ShortenedResults > 0) activity.AddTag(Attributes.ContextShortened, use.ShortenedResults);
        if (use.MaxInputTokens is not { } most) return;
        activity.AddTag(Attributes.ContextTokens, use.InputTokens).AddTag(Attributes.ContextMaxTokens, most);
    }

    public static void SetFailed(this Activity activity, string errorType)
    {
        activity.SetTag(Attributes.ErrorType, errorType);
        // No description, because the text of an error may contain text of a user.
        activity.SetStatus(ActivityStatusCode.Error);
    }

    public static string GetOutcome(RunRecord record) => record.Status switch
    {
        RunStatus.Failed when record.Error?.Type == ErrorTypes.RunRefused => "refused",
        RunStatus.Completed => "completed",
        RunStatus.Cancelled => "cancelled",
        RunStatus.RequiresAction => "requires_action",
        RunStatus.Running or RunStatus.Queued => "left",
        _ => "failed",
    };
}
