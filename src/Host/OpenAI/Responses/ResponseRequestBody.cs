using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Responses;

/// <summary>The body of <c>POST /v1/responses</c>. Each published parameter is used, passed to the model as it is, or refused by name.</summary>
[Ignores("stream_options", "max_tool_calls", "prompt_cache_retention", "prompt_cache_options", "service_tier", "client_metadata")]
[Refuses("prompt", "instructions and input"), Refuses("moderation")]
internal sealed record ResponseRequestBody(
    [OrText("items")] IReadOnlyList<ItemBody> Input,
    string? Model = null,
    [Range(0, 2)] double? Temperature = null,
    [Range(0, 1)] double? TopP = null,
    [Range(1, int.MaxValue)] int? MaxOutputTokens = null,
    [Range(0, 20)] int? TopLogprobs = null,
    bool? ParallelToolCalls = null,
    [MaxLength(1024)] IReadOnlyList<IResponseTool>? Tools = null,
    [OrText, AllowedText("auto", "none", "required")] ResponseToolChoice? ToolChoice = null,
    ResponseTextBody? Text = null,
    ReasoningBody? Reasoning = null,
    string? Instructions = null,
    string? PreviousResponseId = null,
    [OrText, Id] ConversationBody? Conversation = null,
    bool Store = true,
    bool Background = false,
    string? User = null,
    string? SafetyIdentifier = null,
    string? PromptCacheKey = null,
    [Metadata] IReadOnlyDictionary<string, string>? Metadata = null,
    bool Stream = false,
    [AllowedText("auto", "disabled")] string? Truncation = null,
    [AllowedText(
        "reasoning.encrypted_content", "file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
        "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs", WireAnswer.IncludedLogProbabilities)]
    IReadOnlyList<string>? Include = null,
    IReadOnlyList<ContextManagementBody>? ContextManagement = null) : ICheckedBody, IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    /// <summary>The field that asks for the tokens of the answer; null when none does.</summary>
    public string? AsksForTokens => Include?.Index().Where(static i => i.Item == WireAnswer.IncludedLogProbabilities).Select(static i => InputErrors.At("include", i.Index)).FirstOrDefault();

    public void Check(InputErrors errors)
    {
        errors.CheckUnique("tools", Tools?.Select(t => t?.Name));
        ToolChoice?.Check(errors, "tool_choice.name", Tools?.Select(t => t?.Name));
        ConversationBody.CheckAlone(Conversation, PreviousResponseId, errors);
        if (Background && !Store) errors.Add("background", "A response in the background has to be stored.", "store true, or background false");
    }

    public void CheckHosted(HostedParts hosted, InputErrors errors)
    {
        for (var i = 0; i < (Tools?.Count ?? 0); i++)
        {
            var path = InputErrors.At("tools", i);
            if (Tools![i] is HostedToolBody tool) hosted.CheckTool(tool.Type, InputErrors.Join(path, "type"), "function, custom", errors);
            else if (Tools[i] is ResponseFunctionBody { DeferLoading: true }) hosted.CheckChoice(InputErrors.Join(path, "defer_loading"), "false", errors);
            else if (Tools[i] is ResponseFunctionBody { AllowedCallers.Count: > 0 }) hosted.CheckChoice(InputErrors.Join(path, "allowed_callers"), "[]", errors);
        }

        ItemBody.CheckHosted(Input, hosted, errors);
        if (ToolChoice is HostedToolChoice) hosted.CheckChoice("tool_choice.type", "auto, none, required, or a function", errors);
    }
}

/// <summary>The body of <c>POST /v1/responses/input_tokens</c>.</summary>
[Ignores("model", "text", "reasoning", "truncation", "tool_choice", "parallel_tool_calls"), Refuses("personality")]
internal sealed record InputTokensBody(
    [OrText("items")] IReadOnlyList<ItemBody>? Input = null,
    [MaxLength(1024)] IReadOnlyList<IResponseTool>? Tools = null,
    string? Instructions = null,
    string? PreviousResponseId = null,
    [OrText, Id] ConversationBody? Conversation = null) : ICheckedBody
{
    public void Check(InputErrors errors)
    {
        errors.CheckUnique("tools", Tools?.Select(t => t?.Name));
        ConversationBody.CheckAlone(Conversation, PreviousResponseId, errors);
    }
}

internal sealed record ConversationBody([Id] string Id)
{
    public static ConversationBody FromText(string id) => new(id);

    public static void CheckAlone(ConversationBody? conversation, string? previousResponse, InputErrors errors)
    {
        if (conversation is not null && previousResponse is not null)
            errors.Add("previous_response_id", "It cannot be used together with conversation.", "one of the two", "mutually_exclusive_parameters");
    }
}

/// <summary>When the conversation is compacted: by the model's service when it has this interface, else by the host.</summary>
[IgnoresUnknown]
internal sealed record ContextManagementBody([AllowedText("compaction")] string Type, [Range(1, int.MaxValue)] int? CompactThreshold = null);

internal sealed record ResponseTextBody([AllowedText("low", "medium", "high")] string? Verbosity = null, IResponseFormat? Format = null);

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ResponseFunctionBody), "function")]
[JsonDerivedType(typeof(ResponseCustomBody), "custom")]
[OtherCases(typeof(HostedToolBody))]
internal interface IResponseTool : IOpenBody
{
    /// <summary>Null for a tool that the model's service runs.</summary>
    string? Name { get; }

    AITool ToTool(JsonElement sent, int place) => this switch
    {
        FunctionBody function => function.ToTool(sent),
        ResponseCustomBody custom => new CustomTool(custom.Name, custom.Description, OpenMembers.WithoutType(sent)),
        _ => new HostedTool(((HostedToolBody)this).Type, place, sent),
    };
}

/// <summary>A tool of any other type, for a service that knows it.</summary>
internal sealed record HostedToolBody([MinLength(1)] string Type) : IResponseTool, ISentBody, ICheckedBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public JsonElement Sent { get; set; }

    public void Check(InputErrors errors) => HostedTool.Check(Sent, errors);

    string? IResponseTool.Name => null;
}

/// <summary>A tool of the caller that takes a text, in a format that the model keeps to.</summary>
internal sealed record ResponseCustomBody([FunctionName] string Name, string? Description = null, [AnyObject] JsonElement? Format = null) : IResponseTool
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }
}

[Ignores("output_schema")]
internal sealed record ResponseFunctionBody(
    [FunctionName] string Name, string? Description = null, [AnyObject] JsonElement? Parameters = null, bool? Strict = null,
    bool DeferLoading = false, IReadOnlyList<string>? AllowedCallers = null)
    : FunctionBody(Name, Description, Parameters, Strict), IResponseTool;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type"), JsonDerivedType(typeof(ResponseToolChoice), "function"), JsonDerivedType(typeof(ResponseToolChoice), "custom")]
[OtherCases(typeof(HostedToolChoice))]
internal record ResponseToolChoice(string? Name) : ToolChoice
{
    public override string? ToolName => Name;

    public static ResponseToolChoice FromText(string word) => new((string?)null) { Word = word };
}

/// <summary>A choice that only the model's service understands, such as one of its tools, or a list of allowed tools.</summary>
[IgnoresUnknown]
internal sealed record HostedToolChoice(string Type) : ResponseToolChoice((string?)null), ISentBody, ICheckedBody
{
    public JsonElement Sent { get; set; }

    public void Check(InputErrors errors) => errors.CheckDepth(Sent, JsonDepth.MaxValue);
}
