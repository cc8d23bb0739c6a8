using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.Anthropic.Messages;

/// <summary>
/// The body of <c>POST /v1/messages</c>, and with fewer fields of <c>/v1/messages/count_tokens</c>. Fields of betas that the host does
/// not know have no effect, because clients send them to every server.
/// </summary>
[IgnoresUnknown]
internal sealed record MessagesBody(
    [MinLength(1)] IReadOnlyList<MessageBody> Messages,
    string? Model = null,
    [Range(1, int.MaxValue)] int? MaxTokens = null,
    [OrText("text blocks")] IReadOnlyList<SystemBlock>? System = null,
    [Range(0, 1)] double? Temperature = null,
    [Range(0, 1)] double? TopP = null,
    [Range(0, int.MaxValue)] int? TopK = null,
    IReadOnlyList<string>? StopSequences = null,
    bool Stream = false,
    IReadOnlyList<ToolBody>? Tools = null,
    ToolChoiceBody? ToolChoice = null,
    ThinkingConfig? Thinking = null,
    OutputConfig? OutputConfig = null,
    IOutputFormat? OutputFormat = null,
    UserBody? Metadata = null) : ICheckedBody
{
    public void Check(InputErrors errors)
    {
        errors.CheckUnique("tools", Tools?.Select(t => t?.Name));
        if (ToolChoice is { Type: "any" or "tool" } && Tools is null or []) errors.Add("tool_choice", "There are no tools to choose from.", "tools beside it");
        if (ToolChoice is { Type: "tool", Name: null }) errors.AddMissing("tool_choice.name", "the name of a tool");
    }

    public ChatOptions ToOptions()
    {
        var options = new ChatOptions
        {
            MaxOutputTokens = MaxTokens,
            Temperature = (float?)Temperature,
            TopP = (float?)TopP,
            TopK = TopK,
            StopSequences = StopSequences is { Count: > 0 } ? [.. StopSequences] : null,
            ToolMode = ToolChoice?.ToMode(),
            AllowMultipleToolCalls = ToolChoice?.DisableParallelToolUse is true ? false : null,
            Reasoning = ToReasoning(),
        };
        if ((OutputConfig?.Format ?? OutputFormat) is SchemaFormat format) options.ResponseFormat = ChatResponseFormat.ForJsonSchema(format.Schema);
        return options;
    }

    private ReasoningOptions? ToReasoning()
    {
        var effort = OutputConfig?.Effort is { } asked ? EffortAttribute.From(asked == "max" ? "xhigh" : asked) : Thinking?.Effort;
        return effort is null && Thinking is not { IsOn: true } ? null : new ReasoningOptions { Effort = effort, Output = Thinking is { IsOn: true } ? ReasoningOutput.Full : null };
    }
}

[IgnoresUnknown]
internal sealed record MessageBody([AllowedText("user", "assistant", "system")] string Role, [OrText("blocks")] IReadOnlyList<IContentBlock> Content);

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type"), JsonDerivedType(typeof(SystemBlock), "text"), IgnoresUnknown]
internal sealed record SystemBlock(string Text)
{
    public static SystemBlock FromText(string text) => new(text);
}

/// <summary>A tool of the caller. The tools that Anthropic's servers run are refused: their type has a date at its end.</summary>
[IgnoresUnknown]
internal sealed record ToolBody(string Name, string? Description = null, [AnyObject] JsonElement? InputSchema = null, string? Type = null) : ICheckedBody
{
    public AITool ToTool() => new CallerFunction(new FunctionBody(Name, Description, InputSchema));

    public void Check(InputErrors errors)
    {
        if (Type is not (null or "custom")) errors.AddUnsupported("type", "tools of the type custom, which the caller runs");
        else if (InputSchema is null) errors.AddMissing("input_schema", "a JSON schema");
    }
}

[IgnoresUnknown]
internal sealed record ToolChoiceBody([AllowedText("auto", "any", "tool", "none")] string Type, string? Name = null, bool? DisableParallelToolUse = null)
{
    public ChatToolMode? ToMode() => Type switch
    {
        "auto" => ChatToolMode.Auto,
        "any" => ChatToolMode.RequireAny,
        "none" => ChatToolMode.None,
        _ => ChatToolMode.RequireSpecific(Name!),
    };
}

/// <summary>Whether the caller gets the model's reasoning. A budget of tokens becomes an effort, which is what other services take.</summary>
[IgnoresUnknown]
internal sealed record ThinkingConfig([AllowedText("enabled", "disabled", "adaptive")] string Type, [Range(1, int.MaxValue)] int? BudgetTokens = null)
{
    public bool IsOn => Type != "disabled";

    public ReasoningEffort? Effort => BudgetTokens switch
    {
        null => null,
        < 4096 => ReasoningEffort.Low,
        < 16384 => ReasoningEffort.Medium,
        _ => ReasoningEffort.High,
    };
}

[IgnoresUnknown]
internal sealed record OutputConfig([AllowedText("low", "medium", "high", "xhigh", "max")] string? Effort = null, IOutputFormat? Format = null);

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type"), JsonDerivedType(typeof(SchemaFormat), "json_schema")]
internal interface IOutputFormat;

[IgnoresUnknown]
internal sealed record SchemaFormat([AnyObject] JsonElement Schema) : IOutputFormat;

[IgnoresUnknown]
internal sealed record UserBody(string? UserId = null);
