using System.ComponentModel;
using System.Text.Json;
using PluginHost.Engine.Explain;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

/// <summary>What the model was given in a run, as the API returns it.</summary>
internal sealed record ExplanationResource(
    [property: AllowedText("run.explanation")] string Object,
    string SessionId,
    [property: Description("Of an input that was not run: an id that no run has.")] string RunId,
    string Agent,
    [property: AllowedText("queued", "running", "completed", "failed", "cancelled", "requires_action", "would_be"), Description("Of the run; would_be for an input that was not run.")] string Status,
    [property: Description("The attempt of the run that is explained.")] int Attempt,
    [property: Description("When the run began; start_ms of all parts counts from here.")] DateTime StartedAt,
    [property: Description("The chain as the run passed it, the outermost plugin first.")] IReadOnlyList<ExplainedStageResource> Stages,
    [property: Description("The calls of the model, in their order.")] IReadOnlyList<ExplainedCallResource> Calls,
    [property: Description("The calls of tools that the host ran, in the order of their ends.")] IReadOnlyList<ExplainedToolCallResource> ToolCalls)
{
    public const string WouldBe = "would_be";

    public static ExplanationResource From(RunExplanation run, string status, CancellationToken cancellationToken)
    {
        var contents = new ExplainedContents(run, cancellationToken);
        return new(
            "run.explanation", run.SessionId, run.RunId, run.Agent, status, run.Attempt, run.StartedAt.UtcDateTime,
            [.. run.Stages.Select(ExplainedStageResource.From)],
            [.. run.Calls.Select(c => ExplainedCallResource.From(c, contents))],
            [.. run.ToolCalls.Select(ExplainedToolCallResource.From)]);
    }
}

internal sealed record ExplainedStageResource(
    [property: AllowedText("history", "context", "run_middleware", "chat_middleware", "model")] string Kind,
    [property: Description("How many messages the plugin added; negative when it removed some.")] int Messages,
    [property: Description("About how many tokens these have.")] long Tokens,
    [property: Description("How many tools it added.")] int Tools)
{
    [Description("The plugin's source id; absent for the model's own place.")]
    public string? Plugin { get; init; }

    [Description("How long it took until the next place had the run: loading, or giving. Absent when the run did not get further.")]
    public double? TookMs { get; init; }

    public static ExplainedStageResource From(ExplainedStage stage) =>
        new(stage.Kind, stage.Messages, stage.Tokens, stage.Tools) { Plugin = stage.Plugin, TookMs = stage.TookMs };
}

internal sealed record ExplainedCallResource(
    [property: Description("From 1.")] int Number,
    [property: AnyObject, Description("Settings by the names of OpenAI's interface; only those that are set.")] JsonElement Settings,
    [property: Description("The instructions in parts, in their order.")] IReadOnlyList<ExplainedTextResource> Instructions,
    [property: Description("The messages in the order in which the model was given them.")] IReadOnlyList<ExplainedMessageResource> Messages,
    [property: Description("What the model was not given, and why.")] IReadOnlyList<ExplainedLeftOutResource> LeftOut,
    [property: Description("The tools that it could call.")] IReadOnlyList<ExplainedToolResource> Tools,
    [property: Description("How many tokens instructions, messages and tools have; usage has what the model's server counted.")] long Tokens,
    [property: Description("Whether tokens were counted by the model's encoding; otherwise they are an estimate.")] bool TokensCounted,
    double StartMs,
    [property: Description("What came back, as far as it did.")] IReadOnlyList<ExplainedAnswerResource> Answer)
{
    public string? Model { get; init; }

    [Description("SHA-256 of the body that was, or would be, sent to the model's server; absent while nothing was sent, and for clients of plugins.")]
    public string? BodySha256 { get; init; }

    [Description("The chat middleware on the way to the model, the outermost first; absent when there is none.")]
    public IReadOnlyList<ExplainedStageResource>? Middleware { get; init; }

    [Description("Absent while the call is in progress.")]
    public double? TookMs { get; init; }

    public string? FinishReason { get; init; }

    [Description("The model that answered, as its server names it.")]
    public string? AnsweredBy { get; init; }

    [Description("The tokens that the model's server counted.")]
    public ExplainedUsageResource? Usage { get; init; }

    public ExplainedErrorResource? Error { get; init; }

    public static ExplainedCallResource From(ExplainedCall call, ExplainedContents contents)
    {
        var tokens = contents.TokensOf(call.Model);
        var instructions = call.Instructions.Select(i => ExplainedTextResource.From(i, tokens.Of(i))).ToList();
        var messages = call.Messages.Select(m => contents.Message(m, tokens)).ToList();
        var tools = call.Tools.Select(t => ExplainedToolResource.From(t, tokens.Of(t))).ToList();
        return new(
            call.Number,
            call.Settings,
            instructions,
            messages,
            [.. call.LeftOut.Select(contents.LeftOut)],
            tools,
            instructions.Sum(i => i.Tokens) + messages.Sum(m => m.Tokens) + tools.Sum(t => t.Tokens),
            tokens.AreCounted,
            call.StartMs,
            [.. call.Answer.Select(m => new ExplainedAnswerResource(ExplainedContents.RoleOf(m), MessageJson.FromStored(m)))])
        {
            Model = call.Model,
            Middleware = call.Middleware is { Count: > 0 } passed ? [.. passed.Select(ExplainedStageResource.From)] : null,
            BodySha256 = call.BodySha256,
            TookMs = call.TookMs,
            FinishReason = call.FinishReason,
            AnsweredBy = call.AnsweredBy,
            Usage = call.InputTokens is null && call.OutputTokens is null ? null : new(call.InputTokens ?? 0, call.OutputTokens ?? 0),
            Error = call.Error is { } error ? new(error.Type, error.Message) : null,
        };
    }
}

internal sealed record ExplainedUsageResource(long InputTokens, long OutputTokens);

internal sealed record ExplainedErrorResource([property: Description("As in the run's error; cancelled for a call that was cancelled.")] string Type, string Message);

internal sealed record ExplainedAnswerResource(string Role, IReadOnlyList<ContentPart> Content);

internal sealed record ExplainedToolCallResource(string CallId, string Name, double StartMs, double TookMs)
{
    [Description("The plugin that gave the tool.")]
    public string? Plugin { get; init; }

    [Description("What the tool returned, before function middleware saw it; absent after an error.")]
    public JsonElement? Result { get; init; }

    [Description("The type of its exception; absent when it returned.")]
    public string? Error { get; init; }

    public static ExplainedToolCallResource From(ExplainedToolCall call) =>
        new(call.CallId, call.Name, call.StartMs, call.TookMs) { Plugin = call.Plugin, Result = call.Result is { } result && result.TryGetProperty("result", out var value) ? value : null, Error = call.Error };
}
