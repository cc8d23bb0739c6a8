using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// What a content or a message needs on the wire beside what its type holds. It is kept in the additional properties, and so in
/// every history. What a plugin changes in the typed members wins.
/// </summary>
internal static class WireContent
{
    /// <summary>The arguments of a call as the model or the caller wrote them.</summary>
    private const string Arguments = "wire.arguments";

    /// <summary>The members of a message, a part or a call that the host has no type for, as an object.</summary>
    private const string MembersKey = "wire.members";

    /// <summary>The members of calls by the ids of the calls, in a content that a caller returns before them.</summary>
    private const string CallsKey = "wire.calls";

    private const string PartKey = "wire.part", InnerKey = "wire.inner";

    /// <summary>The client that gave the content, which alone gets it back; absent when the caller sent it.</summary>
    private const string Origin = "wire.origin";

    /// <summary>The member that holds reasoning, or the form of a text: <see cref="Part"/>.</summary>
    private const string FormKey = "wire.form";

    /// <summary>The form of a single text that was sent as a list of one part.</summary>
    public const string Part = "part";

    /// <summary>The form of a content that says that the text of an answer was there, and empty.</summary>
    public const string Empty = "empty";

    /// <summary>The form of reasoning that an item has as text, not as a summary.</summary>
    public const string ReasoningText = "reasoning_text";

    /// <summary>The members of an item of the Responses interface that the host has no type for, on its first text.</summary>
    private const string ItemKey = "wire.item";

    /// <summary>Marks a call of a custom tool and its result: the tool takes a text, which is its argument <see cref="CustomInput"/>.</summary>
    private const string CustomKey = "wire.custom";

    /// <summary>The one argument of a custom tool.</summary>
    public const string CustomInput = "input";

    /// <summary>Marks the result of a caller's tool that failed, for models whose interface has a place for it.</summary>
    private const string ErrorKey = "wire.error";

    public static string? GetArguments(FunctionCallContent call) => Text(call.AdditionalProperties, Arguments);

    public static void SetArguments(FunctionCallContent call, string text) => (call.AdditionalProperties ??= [])[Arguments] = text;

    public static JsonElement? GetMembers(AdditionalPropertiesDictionary? properties) => Object(properties, MembersKey);

    public static string? GetOrigin(AIContent content) => Text(content.AdditionalProperties, Origin);

    public static string? GetForm(AIContent content) => Text(content.AdditionalProperties, FormKey);

    public static JsonElement? GetItem(AIContent content) => Object(content.AdditionalProperties, ItemKey);

    public static T WithMembers<T>(T content, JsonElement? members)
        where T : AIContent
    {
        if (members is { } some) (content.AdditionalProperties ??= [])[MembersKey] = some;
        return content;
    }

    public static void SetMembers(ChatMessage message, JsonElement? members)
    {
        if (members is { } some) (message.AdditionalProperties ??= [])[MembersKey] = some;
    }

    public static T WithOrigin<T>(T content, string? origin)
        where T : AIContent
    {
        if (origin is not null) (content.AdditionalProperties ??= [])[Origin] = origin;
        return content;
    }

    public static T WithForm<T>(T content, string form)
        where T : AIContent
    {
        (content.AdditionalProperties ??= [])[FormKey] = form;
        return content;
    }

    public static bool IsCustom(AIContent content) =>
        content.AdditionalProperties?.TryGetValue(CustomKey, out var value) == true && value is true or JsonElement { ValueKind: JsonValueKind.True };

    public static T AsCustom<T>(T content)
        where T : AIContent
    {
        (content.AdditionalProperties ??= [])[CustomKey] = true;
        return content;
    }

    public static T AsError<T>(T content)
        where T : AIContent
    {
        (content.AdditionalProperties ??= [])[ErrorKey] = true;
        return content;
    }

    public static T WithItem<T>(T content, JsonElement item)
        where T : AIContent
    {
        (content.AdditionalProperties ??= [])[ItemKey] = item;
        return content;
    }

    /// <summary>A part of a message that the host has no type for, such as a reference in an answer, or a video of a caller.</summary>
    public static AIContent FromPart(JsonElement part) => new() { AdditionalProperties = new() { [PartKey] = part } };

    public static JsonElement? GetPart(AIContent content) => Object(content.AdditionalProperties, PartKey);

    /// <summary>The members of the object inside a part or a call that the host has no type for.</summary>
    public static JsonElement? GetInner(AIContent content) => Object(content.AdditionalProperties, InnerKey);

    public static T WithInner<T>(T content, JsonElement? members)
        where T : AIContent
    {
        if (members is { } some) (content.AdditionalProperties ??= [])[InnerKey] = some;
        return content;
    }

    public static JsonElement? GetCalls(AIContent content) => Object(content.AdditionalProperties, CallsKey);

    public static T WithCalls<T>(T content, JsonElement? calls)
        where T : AIContent
    {
        if (calls is { } some) (content.AdditionalProperties ??= [])[CallsKey] = some;
        return content;
    }

    public static void RemoveCalls(AIContent content) => content.AdditionalProperties?.Remove(CallsKey);

    private static string? Text(AdditionalPropertiesDictionary? properties, string name)
    {
        if (properties is null || !properties.TryGetValue(name, out var value)) return null;
        // A history gives JSON back.
        return value as string ?? (value is JsonElement { ValueKind: JsonValueKind.String } json ? json.GetString() : null);
    }

    private static JsonElement? Object(AdditionalPropertiesDictionary? properties, string name) =>
        properties is not null && properties.TryGetValue(name, out var value) && value is JsonElement { ValueKind: JsonValueKind.Object } json ? json : null;
}
