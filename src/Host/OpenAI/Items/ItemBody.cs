using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// An item of a request. Each becomes one message, so that each can be read and deleted by itself. Fields that the host does not know
/// are kept, and passed on with it.
/// </summary>
[Ignores("id", "status")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MessageBody), "message")]
[JsonDerivedType(typeof(CallBody), "function_call")]
[JsonDerivedType(typeof(CallOutputBody), "function_call_output")]
[JsonDerivedType(typeof(CustomCallBody), "custom_tool_call")]
[JsonDerivedType(typeof(CustomOutputBody), "custom_tool_call_output")]
[JsonDerivedType(typeof(ReasoningItemBody), "reasoning")]
[JsonDerivedType(typeof(ReferenceBody), "item_reference")]
[ImpliedBy("message", "role"), ImpliedBy("item_reference", "id")]
[OtherCases(typeof(HostedItemBody))]
internal abstract record ItemBody : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    /// <summary>The types that the host knows.</summary>
    public const string Known = "message, function_call, function_call_output, custom_tool_call, custom_tool_call_output, reasoning, item_reference";

    public static ItemBody FromText(string text) => new MessageBody("user", [new TextPartBody(text) { IsWhole = true }]);

    /// <summary>Checks the items of an input that only a model's service understands.</summary>
    public static void CheckHosted(IReadOnlyList<ItemBody>? input, HostedParts hosted, InputErrors errors)
    {
        for (var i = 0; i < (input?.Count ?? 0); i++)
        {
            if (input![i] is HostedItemBody { IsOfHost: false } item) hosted.CheckItem(item.Type, InputErrors.Join(InputErrors.At("input", i), "type"), Known, errors);
        }
    }

    /// <returns>Null when the item only names another one.</returns>
    public abstract ChatMessage? ToMessage();
}

internal sealed record MessageBody(
    [AllowedText("user", "system", "developer", "assistant")] string Role,
    [OrText("parts")] IReadOnlyList<PartBody> Content) : ItemBody
{
    public override ChatMessage ToMessage()
    {
        var contents = new List<AIContent>(Content.Count);
        for (var i = 0; i < Content.Count; i++) Content[i].AddTo(contents);
        var message = new ChatMessage(new ChatRole(Role), contents);
        WireContent.SetMembers(message, OpenMembers.ToJson(Others));
        return message;
    }
}

/// <summary>A call of the model. Its arguments are the model's own text: what is not JSON is taken as it is.</summary>
[Ignores("created_by")]
internal sealed record CallBody([MinLength(1)] string CallId, [MinLength(1)] string Name, string Arguments) : ItemBody, ICheckedBody
{
    public void Check(InputErrors errors) => ArgumentsText.Check(Arguments, errors);

    public override ChatMessage ToMessage() => new(ChatRole.Assistant, [CallArguments.Create(CallId, Name, Arguments).WithMembers(this)]);
}

[Ignores("created_by")]
internal sealed record CustomCallBody([MinLength(1)] string CallId, [MinLength(1)] string Name, string Input) : ItemBody
{
    public override ChatMessage ToMessage() => new(ChatRole.Assistant, [CallArguments.CreateCustom(CallId, Name, Input).WithMembers(this)]);
}

[Ignores("created_by", "name")]
internal sealed record CustomOutputBody([MinLength(1)] string CallId, JsonElement Output) : OutputBody(CallId, Output)
{
    protected override bool IsCustom => true;
}

[Ignores("created_by", "name")]
internal sealed record CallOutputBody([MinLength(1)] string CallId, JsonElement Output) : OutputBody(CallId, Output);

/// <summary>The result of a call: text, or a list of parts. The model reads what the caller sent, in the form it was sent.</summary>
internal abstract record OutputBody(string CallId, JsonElement Output) : ItemBody, ICheckedBody
{
    protected virtual bool IsCustom => false;

    private static readonly ValueReader Parts = ValueReaders.For(typeof(IReadOnlyList<PartBody>), [new OrTextAttribute("parts")]);

    public void Check(InputErrors errors)
    {
        if (Output.ValueKind != JsonValueKind.Undefined) errors.Within("output", Parts, Output);
    }

    public override ChatMessage ToMessage()
    {
        var result = Output.ValueKind == JsonValueKind.String
            ? new FunctionResultContent(CallId, Output.GetString())
            : WireContent.WithForm(new FunctionResultContent(CallId, Output), WireContent.Part);
        var message = new ChatMessage(ChatRole.Tool, [IsCustom ? WireContent.AsCustom(result) : result]);
        WireContent.SetMembers(message, OpenMembers.ToJson(Others));
        return message;
    }
}

internal sealed record ReasoningItemBody(
    IReadOnlyList<ReasoningItemBody.Part>? Summary = null, IReadOnlyList<ReasoningItemBody.Part>? Content = null, string? EncryptedContent = null) : ItemBody
{
    public override ChatMessage ToMessage()
    {
        List<AIContent> contents = Summary is null or [] && Content is { Count: > 0 } content && !ReasoningEnvelope.Is(EncryptedContent)
            ? [.. content.Select(static p => WireContent.WithForm(new TextReasoningContent(p.Text), WireContent.ReasoningText))]
            : [.. ReasoningEnvelope.Read([.. (Summary ?? []).Concat(Content ?? []).Select(static p => p.Text)], EncryptedContent)];
        if (contents[^1] is TextReasoningContent last)
        {
            last.ProtectedData ??= ReasoningEnvelope.Is(EncryptedContent) ? null : EncryptedContent;
            last.WithMembers(this);
        }

        return new ChatMessage(ChatRole.Assistant, contents);
    }

    internal sealed record Part([AllowedText("summary_text", "reasoning_text")] string Type, string Text);
}

internal sealed record ReferenceBody(string Id) : ItemBody
{
    public override ChatMessage? ToMessage() => null;
}

/// <summary>An item of any other type, such as a search that the model's service ran, or what the caller's shell answered. It passes as it is.</summary>
internal sealed record HostedItemBody([MinLength(1)] string Type) : ItemBody, ISentBody, ICheckedBody
{
    public JsonElement Sent { get; set; }

    /// <summary>Whether the host understands it, whatever the model's server is.</summary>
    public bool IsOfHost => Type == CompactionItem.Trigger || CompactionItem.FindSealed(Sent) is not null;

    public void Check(InputErrors errors) => errors.CheckDepth(Sent, JsonDepth.MaxValue);

    public override ChatMessage ToMessage() => new(Role, [WireItem.Create(HostedItems.FromCaller(Sent))]);

    /// <summary>Whose part of the conversation it is: the result of a call, something of the model, or else of the caller.</summary>
    private ChatRole Role =>
        Type.EndsWith("_output", StringComparison.Ordinal) || Type.EndsWith("_response", StringComparison.Ordinal) ? ChatRole.Tool
        : Type.EndsWith("_call", StringComparison.Ordinal) || Type.EndsWith("_request", StringComparison.Ordinal) || Type is "mcp_list_tools" or CompactionItem.Type ? ChatRole.Assistant
        : ChatRole.User;
}
