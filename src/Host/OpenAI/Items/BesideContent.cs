using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI.Items;

/// <summary>What a model's server gave beside messages and calls, for callers who can take it and send it back.</summary>
internal static class BesideContent
{
    /// <summary>The members of a message with the text of reasoning. The last one is of servers that have it as a part of the content.</summary>
    public const string Long = "reasoning_content", Short = "reasoning", Part = "thinking";

    /// <summary>What an item has itself: a server's member of that name must not take its place.</summary>
    private static readonly string[] OfItems = ["type", "id", "call_id", "name", "arguments", "input", "role", "content", "status"];

    /// <summary>What a message of a chat completion has itself.</summary>
    private static readonly string[] OfMessages = ["role", "content", "refusal", "tool_calls", "annotations", "reasoning_details", "extra_content", Long, Short, Part];

    public static JsonElement? ExtraOf(AIContent content) => MemberOf(content, "extra_content");

    public static JsonElement? DetailsOf(AIContent content) => MemberOf(content, "reasoning_details");

    /// <summary>The member by which callers get reasoning, and may send it back: the server's own, else the one that most servers use.</summary>
    public static string MemberOf(TextReasoningContent reasoning) => WireContent.GetForm(reasoning) is Short or Part ? WireContent.GetForm(reasoning)! : Long;

    /// <summary>What else came beside a message: members that callers know from their server.</summary>
    public static Dictionary<string, JsonElement>? OthersOf(AIContent content)
    {
        if (content.GetType() != typeof(AIContent) || WireContent.GetMembers(content.AdditionalProperties) is not { } members) return null;
        var others = OpenMembers.Read(members, OfMessages);
        return others.Count == 0 ? null : others;
    }

    /// <summary>The places in a text that an answer refers to, as chat completions have them.</summary>
    public static IEnumerable<JsonElement> AnnotationsOf(AIContent content) =>
        WireItem.FindAnnotations(content) is { } items ? items.EnumerateArray().Select(Annotations.ToChat)
        : ListOf(content, "annotations") is { } list ? list.EnumerateArray()
        : [];

    /// <summary>A list that came beside a message.</summary>
    public static JsonElement? ListOf(AIContent content, string name) =>
        content.GetType() == typeof(AIContent) && MemberOf(content, name) is { ValueKind: JsonValueKind.Array } list ? list : null;

    /// <summary>All that came with a call, for an interface whose items are open.</summary>
    public static Dictionary<string, JsonElement>? MembersOf(AIContent content) =>
        WireContent.GetMembers(content.AdditionalProperties) is { } members ? OpenMembers.Read(members, OfItems) : null;

    /// <summary>What the item had that holds a text, such as the phase of an answer.</summary>
    public static Dictionary<string, JsonElement>? MembersOfItem(AIContent content) =>
        WireContent.GetItem(content) is { } item ? OpenMembers.Read(item) : null;

    private static JsonElement? MemberOf(AIContent content, string name) =>
        WireContent.GetMembers(content.AdditionalProperties) is { } members && members.TryGetProperty(name, out var value) ? value : null;
}
