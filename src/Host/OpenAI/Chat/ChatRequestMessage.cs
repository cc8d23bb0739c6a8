using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>A message of a request. Fields that the host does not know are kept, and passed on with it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "role")]
[JsonDerivedType(typeof(InstructionMessage), "developer")]
[JsonDerivedType(typeof(InstructionMessage), "system")]
[JsonDerivedType(typeof(UserMessage), "user")]
[JsonDerivedType(typeof(AssistantMessage), "assistant")]
[JsonDerivedType(typeof(ToolMessage), "tool")]
[Refuses("function", "tool")]
internal abstract record ChatRequestMessage : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public ChatMessage ToMessage()
    {
        var message = Create();
        WireContent.SetMembers(message, OpenMembers.ToJson(Members));
        return message;
    }

    protected virtual IReadOnlyDictionary<string, JsonElement>? Members => Others;

    protected abstract ChatMessage Create();

    protected static List<AIContent> ToContents(IReadOnlyList<IChatPart>? parts) => [.. (parts ?? []).Select(p => p.ToContent())];
}

internal sealed record InstructionMessage(string Role, [OrText("parts"), MinLength(1)] IReadOnlyList<ITextPart> Content, string? Name = null) : ChatRequestMessage
{
    protected override ChatMessage Create() => new(new ChatRole(Role), ToContents(Content)) { AuthorName = Name };
}

internal sealed record UserMessage([OrText("parts"), MinLength(1)] IReadOnlyList<IUserPart> Content, string? Name = null) : ChatRequestMessage
{
    protected override ChatMessage Create() => new(ChatRole.User, ToContents(Content)) { AuthorName = Name };
}

/// <summary>An answer of an earlier request, with the reasoning that came with it. Annotations are of answers only.</summary>
[Ignores("annotations"), Refuses("function_call", "tool_calls"), Refuses("audio")]
internal sealed record AssistantMessage(
    [OrText("parts")] IReadOnlyList<IAssistantPart>? Content = null,
    string? Refusal = null,
    IReadOnlyList<ToolCallBody>? ToolCalls = null,
    string? Name = null) : ChatRequestMessage
{
    protected override IReadOnlyDictionary<string, JsonElement>? Members => Others?.Where(o => !IsReasoning(o.Key, o.Value)).ToDictionary(o => o.Key, o => o.Value);

    protected override ChatMessage Create()
    {
        var contents = new List<AIContent>();
        foreach (var (name, value) in Others ?? new Dictionary<string, JsonElement>())
        {
            if (IsReasoning(name, value)) contents.Add(WireContent.WithForm(new TextReasoningContent(value.GetString()), name));
        }

        contents.AddRange(ToContents(Content).Where(static c => c is not TextContent { Text: "" }));
        if (Refusal is not null) contents.Add(RefusalContent.Create(Refusal));
        contents.AddRange((ToolCalls ?? []).Select(c => c.ToCall()));
        // An empty text is not an absent one for every template of a model.
        if (contents.Count > 0 && Content is [ChatAnswerPart { IsWhole: true, Text: "" }]) contents.Insert(0, WireContent.WithForm(new AIContent(), WireContent.Empty));
        return new ChatMessage(ChatRole.Assistant, contents) { AuthorName = Name };
    }

    private static bool IsReasoning(string name, JsonElement value) => value.ValueKind == JsonValueKind.String && name is BesideContent.Long or BesideContent.Short or BesideContent.Part;
}

internal sealed record ToolMessage(string ToolCallId, [OrText("parts"), MinLength(1)] IReadOnlyList<IResultPart> Content) : ChatRequestMessage
{
    protected override ChatMessage Create()
    {
        // Parts reach the model as they were sent; plugins that read text read a text.
        if (Content is [ChatTextPart { IsWhole: true } whole]) return new(ChatRole.Tool, [new FunctionResultContent(ToolCallId, whole.Text)]);
        var parts = OutputParts.From(Content.Select(static p => ((p as ISentBody)?.Sent, p.ToContent())));
        return new(ChatRole.Tool, [WireContent.WithForm(new FunctionResultContent(ToolCallId, parts), WireContent.Part)]);
    }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type"), JsonDerivedType(typeof(FunctionToolCallBody), "function"), JsonDerivedType(typeof(CustomToolCallBody), "custom")]
[RefusesOthers("function, custom")]
[ImpliedBy("function", "function"), Ignores("index")]
internal abstract record ToolCallBody(string Id) : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public FunctionCallContent ToCall() => Create().WithMembers(this);

    protected abstract FunctionCallContent Create();
}

/// <summary>The arguments are the model's own text: what is not JSON is taken as it is.</summary>
internal sealed record FunctionToolCallBody(string Id, CalledFunctionBody Function) : ToolCallBody(Id)
{
    protected override FunctionCallContent Create() => WireContent.WithInner(CallArguments.Create(Id, Function.Name, Function.Arguments), OpenMembers.ToJson(Function.Others));
}

internal sealed record CustomToolCallBody(string Id, CustomToolCallBody.Called Custom) : ToolCallBody(Id)
{
    protected override FunctionCallContent Create() => CallArguments.CreateCustom(Id, Custom.Name, Custom.Input);

    internal sealed record Called(string Name, string Input);
}

/// <summary>Clients add what they parsed of the arguments, which the arguments say already.</summary>
[Ignores("parsed_arguments")]
internal sealed record CalledFunctionBody(string Name, string Arguments) : IOpenBody, ICheckedBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public void Check(InputErrors errors) => ArgumentsText.Check(Arguments, errors);
}
