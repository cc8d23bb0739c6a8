using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI.Items;

/// <summary>What a model's server gave beside messages and calls, for callers who can take it and send it back.</summary>
internal static class BesideContent
{
    /// <summary>The members of a message with the text of reasoning. The last one is of servers that have it as a part of the content.</summary>
    public const string Long = "reasoning_content", Short = "reasoning", Part = "thinking";

    public static JsonElement? ExtraOf(AIContent content) => MemberOf(content, "extra_content");

    public static JsonElement? DetailsOf(AIContent content) => MemberOf(content, "reasoning_details");

    /// <summary>The member by which callers get reasoning, and may send it back: the server's own, else the one that most servers use.</summary>
    public static string MemberOf(TextReasoningContent reasoning) => WireContent.GetForm(reasoning) is Short or Part ? WireContent.GetForm(reasoning)! : Long;

    /// <summary>All that came with a call, for an interface whose items are open.</summary>
    public static Dictionary<string, JsonElement>? MembersOf(AIContent content) =>
        WireContent.GetMembers(content.AdditionalProperties)?.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);

    /// <summary>What the item had that holds a text, such as the phase of an answer.</summary>
    public static Dictionary<string, JsonElement>? MembersOfItem(AIContent content) =>
        WireContent.GetItem(content)?.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);

    private static JsonElement? MemberOf(AIContent content, string name) =>
        WireContent.GetMembers(content.AdditionalProperties) is { } members && members.TryGetProperty(name, out var value) ? value : null;
}
