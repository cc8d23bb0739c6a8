using System.Text.Json;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Makes response objects of runs. The request's values come from the run's details, so a restart changes nothing.</summary>
internal static class ResponseBody
{
    private static readonly JsonElement Auto = JsonElement.Parse("\"auto\""u8);
    private static readonly JsonElement PlainText = JsonElement.Parse("""{"format":{"type":"text"}}"""u8);
    private static readonly JsonElement NoReasoning = JsonElement.Parse("""{"effort":null,"summary":null}"""u8);

    /// <summary>A run as it is now, with its output when it has ended.</summary>
    /// <param name="run">The run.</param>
    /// <param name="details">The run's details, when they are at hand; null to read them.</param>
    /// <param name="behind">The approval behind which the output begins; null for all of it.</param>
    public static Response From(RunRecord run, ResponseDetails? details = null, string? behind = null)
    {
        var status = StatusOf(run);
        details ??= ResponseDetailsJson.Read(run);
        var hasEnded = run is not { CompletedAt: null, Status: not RunStatus.RequiresAction };
        return Create(run, details, status, hasEnded, hasEnded ? Marked(Behind(OutputItemList.From(run), behind), status) : []);
    }

    /// <summary>A run that has just begun.</summary>
    public static Response Begun(RunRecord run) => Create(run, ResponseDetailsJson.Read(run), "in_progress", hasEnded: false, []);

    public static string StatusOf(RunRecord run) => run.Status switch
    {
        RunStatus.Queued => "queued",
        RunStatus.Running => "in_progress",
        RunStatus.Failed => "failed",
        RunStatus.Cancelled => "cancelled",
        _ => run.FinishReason is "length" or "content_filter" ? "incomplete" : "completed",
    };

    private static Response Create(RunRecord run, ResponseDetails details, string status, bool hasEnded, List<Item> output) =>
        new(run.Id, "response", run.CreatedAt.ToUnixTimeSeconds(), status)
        {
            CompletedAt = hasEnded && status == "completed" ? run.CompletedAt?.ToUnixTimeSeconds() : null,
            Error = hasEnded && run.Status == RunStatus.Failed ? ErrorOf(run) : null,
            IncompleteDetails = hasEnded && status == "incomplete" ? new IncompleteDetails(run.FinishReason == "length" ? "max_output_tokens" : "content_filter") : null,
            Output = output.Count == 0 ? ItemOutput.Empty : new ItemOutput(output),
            Usage = hasEnded ? UsageOf(run) : null,
            Instructions = details.Instructions,
            Model = run.Agent,
            Tools = details.Tools,
            ToolChoice = details.ToolChoice ?? Auto,
            ParallelToolCalls = details.ParallelToolCalls ?? true,
            Metadata = run.Metadata,
            Temperature = details.Temperature,
            TopP = details.TopP,
            MaxOutputTokens = details.MaxOutputTokens,
            PreviousResponseId = details.PreviousResponseId,
            Conversation = details.Conversation is { } id ? new ConversationReference(id) : null,
            TopLogprobs = details.TopLogprobs ?? 0,
            Truncation = details.Truncation ?? "auto",
            Store = details.Store,
            Background = details.Background,
            Text = details.Text ?? PlainText,
            Reasoning = details.Reasoning ?? NoReasoning,
            User = details.User,
            SafetyIdentifier = details.SafetyIdentifier,
            PromptCacheKey = details.PromptCacheKey,
        };

    private static List<Item> Behind(List<Item> output, string? approval)
    {
        if (approval is not null) output.RemoveRange(0, output.FindLastIndex(i => i.Id == approval) + 1);
        return output;
    }

    /// <summary>Marks the last message of an output that was cut off.</summary>
    private static List<Item> Marked(List<Item> output, string status)
    {
        if (status != "completed" && output is [.., MessageItem last]) output[^1] = last with { Status = "incomplete" };
        return output;
    }

    private static ResponseError ErrorOf(RunRecord run) => new(
        run.Error?.Code ?? (run.Error?.Type == "model_rate_limited" ? "rate_limit_exceeded" : "server_error"), run.Error?.Message ?? "The run failed.");

    /// <summary>Zeros when the model reported nothing: clients need the object.</summary>
    public static ResponseUsage UsageOf(RunRecord run)
    {
        var (input, output) = (run.Usage?.InputTokenCount ?? 0, run.Usage?.OutputTokenCount ?? 0);
        return new ResponseUsage(
            input,
            new InputTokensDetails(run.Usage?.CachedInputTokenCount ?? 0, CacheWrites.Get(run.Usage) ?? 0),
            output,
            new OutputTokensDetails(run.Usage?.ReasoningTokenCount ?? 0),
            run.Usage?.TotalTokenCount ?? input + output);
    }
}
