using System.ComponentModel;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>A run as the API returns it.</summary>
internal sealed record RunResource(
    string Id,
    [property: AllowedText("run")] string Object,
    string SessionId,
    string Agent,
    [property: AllowedText("queued", "running", "completed", "failed", "cancelled", "requires_action")] string Status,
    DateTime CreatedAt)
{
    [Description("The output messages, as they were delivered; absent in run.started.")]
    public IReadOnlyList<MessageResource>? Output { get; init; }

    [Description("The text of the assistant's messages in the output; absent in run.started.")]
    public string? Text { get; init; }

    [Description("The calls that the run waits for approvals of; absent when it waits for none.")]
    public IReadOnlyList<ApprovalResource>? Approvals { get; init; }

    public UsageResource? Usage { get; init; }

    [Description("What the last call of the model got of the session's history; absent when the model was not called.")]
    public RunContextResource? Context { get; init; }

    [Description("Plugins that failed and were skipped.")]
    public required IReadOnlyList<string> Skipped { get; init; }

    [Description("What failed without ending the run: plugins that were skipped, and tools whose error the model got. Absent when nothing did.")]
    public IReadOnlyList<PluginFailureResource>? Failures { get; init; }

    public RunErrorResource? Error { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public DateTime? CompletedAt { get; init; }

    [Description("Absent when the run was not traced.")]
    public string? TraceId { get; init; }

    public static RunResource From(RunRecord run) => Create(run, OutputOf(run), TextOf(run));

    public static RunResource Bare(RunRecord run) => Create(run, output: null, text: null);

    private static List<MessageResource> OutputOf(RunRecord run)
    {
        var output = new List<MessageResource>(run.Output.Count);
        for (var i = 0; i < run.Output.Count; i++)
        {
            if (!MessageJson.Has(run.Output[i], ApprovalContent.Is)) output.Add(MessageJson.FromOutput(run.Output[i], run.Id, i));
        }

        return output;
    }

    private static string TextOf(RunRecord run) => run.Output is [var only] && only.Role == ChatRole.Assistant
        ? only.Text
        : string.Concat(run.Output.Where(m => m.Role == ChatRole.Assistant).Select(m => m.Text));

    private static RunResource Create(RunRecord run, List<MessageResource>? output, string? text) =>
        new(run.Id, "run", run.Session.Id, run.Agent, StatusText(run.Status), run.CreatedAt.UtcDateTime)
        {
            Output = output,
            Text = text,
            Usage = UsageResource.From(run.Usage),
            Context = RunContextResource.From(run.Context),
            Approvals = run is { Status: RunStatus.RequiresAction, CompletedAt: null }
                ? [.. ApprovalContent.In(run.Output).Where(a => a.Decision is null).Select(a => ApprovalResource.From(run, a))]
                : null,
            Skipped = run.Skipped,
            Failures = run.Failures.Count == 0 ? null : [.. run.Failures.Select(f => new PluginFailureResource(f.Plugin, f.Type, f.Message))],
            Error = run.Error is { } error ? new RunErrorResource(error.Type, error.Message) { Code = error.Code } : null,
            Metadata = run.Metadata,
            CompletedAt = run.CompletedAt?.UtcDateTime,
            TraceId = run.TraceId,
        };

    public static string StatusText(RunStatus status) => status switch
    {
        RunStatus.Queued => "queued",
        RunStatus.Running => "running",
        RunStatus.Completed => "completed",
        RunStatus.Failed => "failed",
        RunStatus.Cancelled => "cancelled",
        RunStatus.RequiresAction => "requires_action",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}

internal sealed record RunErrorResource(
    [property: Description("Stable, for example model_error.")] string Type,
    string Message)
{
    [Description("The code of the model's service, or of the plugin that refused the run; absent when there is none.")]
    public string? Code { get; init; }
}

[Description("Tokens used, as far as the model reported them.")]
internal sealed record UsageResource
{
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? TotalTokens { get; init; }

    public long? CachedInputTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public static UsageResource? From(UsageDetails? usage) => usage is null ? null : new UsageResource
    {
        InputTokens = usage.InputTokenCount,
        OutputTokens = usage.OutputTokenCount,
        TotalTokens = usage.TotalTokenCount,
        CachedInputTokens = usage.CachedInputTokenCount,
        ReasoningTokens = usage.ReasoningTokenCount,
    };
}

/// <summary>A failure of a plugin that did not end the run.</summary>
internal sealed record PluginFailureResource(
    [property: Description("The plugin, or `plugin/name`.")] string Plugin,
    [property: Description("A low-cardinality type.")] string Type,
    [property: Description("A text for people.")] string Message);

/// <summary>What a run's last model call got of the session's history.</summary>
internal sealed record RunContextResource(
    [property: Description("Messages of the history that the model got.")] int LoadedMessages,
    [property: Description("Messages that were read from the history and left out to fit the model.")] int LeftOutMessages)
{
    [Description("Tokens of the loaded messages; absent, like all tokens, when it is not known what the model takes.")]
    public long? LoadedTokens { get; init; }

    [Description("About how many tokens were left out; absent when nothing was.")]
    public long? LeftOutTokens { get; init; }

    [Description("Results of tools that were replaced by a note; absent when none was.")]
    public int? ShortenedResults { get; init; }

    [Description("Tokens of the whole request.")]
    public long? InputTokens { get; init; }

    [Description("How many it may have.")]
    public long? MaxInputTokens { get; init; }

    [AllowedText("estimate", "encoding"), Description("How the tokens were counted.")]
    public string? CountedBy { get; init; }

    public static RunContextResource? From(RunContextUse? use) => use is null ? null : new(use.LoadedMessages, use.LeftOutMessages)
    {
        LoadedTokens = use.LoadedTokens,
        LeftOutTokens = use.LeftOutTokens > 0 ? use.LeftOutTokens : null,
        ShortenedResults = use.ShortenedResults > 0 ? use.ShortenedResults : null,
        InputTokens = use.InputTokens,
        MaxInputTokens = use.MaxInputTokens,
        CountedBy = use.MaxInputTokens is null ? null : use.IsCounted ? "encoding" : "estimate",
    };
}
