using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>A message of a request.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "role")]
[JsonDerivedType(typeof(InstructionMessage), "developer")]
[JsonDerivedType(typeof(InstructionMessage), "system")]
[JsonDerivedType(typeof(UserMessage), "user")]
[JsonDerivedType(typeof(AssistantMessage), "assistant")]
[JsonDerivedType(typeof(ToolMessage), "tool")]
[Refuses("function", "tool")]
internal abstract record ChatRequestMessage
{
    public abstract ChatMessage ToMessage();

    protected static List<AIContent> ToContents(IReadOnlyList<IChatPart>? parts) => [.. (parts ?? []).Select(p => p.ToContent())];
}

internal sealed record InstructionMessage(string Role, [OrText("parts"), MinLength(1)] IReadOnlyList<ITextPart> Content, string? Name = null) : ChatRequestMessage
{
    public override ChatMessage ToMessage() => new(new ChatRole(Role), ToContents(Content)) { AuthorName = Name };
}

internal sealed record UserMessage([OrText("parts"), MinLength(1)] IReadOnlyList<IUserPart> Content, string? Name = null) : ChatRequestMessage
{
    public override ChatMessage ToMessage() => new(ChatRole.User, ToContents(Content)) { AuthorName = Name };
}

/// <summary>An answer of an earlier request. Fields that only answers need are ignored.</summary>
[Ignores("annotations", "reasoning_content", "reasoning"), Refuses("function_call", "tool_calls"), Refuses("audio")]
internal sealed record AssistantMessage(
    [OrText("parts")] IReadOnlyList<IAssistantPart>? Content = null,
    string? Refusal = null,
    IReadOnlyList<ToolCallBody>? ToolCalls = null,
    string? Name = null) : ChatRequestMessage
{
    public override ChatMessage ToMessage()
    {
        var contents = ToContents(Content);
        contents.RemoveAll(static c => c is TextContent { Text: "" });
        if (Refusal is not null) contents.Add(RefusalContent.Create(Refusal));
        contents.AddRange((ToolCalls ?? []).Select(c => new FunctionCallContent(c.Id, c.Function.Name, c.Function.Parsed.Values)));
        return new ChatMessage(ChatRole.Assistant, contents) { AuthorName = Name };
    }
}

[Ignores("name")]
internal sealed record ToolMessage(string ToolCallId, [OrText("parts"), MinLength(1)] IReadOnlyList<ITextPart> Content) : ChatRequestMessage
{
    public override ChatMessage ToMessage() =>
        new(ChatRole.Tool, [new FunctionResultContent(ToolCallId, string.Concat(ToContents(Content).OfType<TextContent>().Select(t => t.Text)))]);
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type"), JsonDerivedType(typeof(ToolCallBody), "function"), RefusesOthers("function")]
[ImpliedBy("function", "function"), Ignores("index")]
internal sealed record ToolCallBody(string Id, CalledFunctionBody Function);

internal sealed record CalledFunctionBody(string Name, string Arguments) : ICheckedBody
{
    public FunctionArguments Parsed { get; } = FunctionArguments.Parse(Arguments);

    public void Check(InputErrors errors) => Parsed.Check(errors);
}
