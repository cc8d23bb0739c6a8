using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// What a chat server gave beside a message and its calls and needs back, such as signatures. Callers that keep published members alone
/// return it in a note: a content of the message before its calls.
/// </summary>
internal static class CallNotes
{
    /// <summary>What items of calls have in the published interface.</summary>
    private static readonly string[] Published = ["namespace", "created_by", "caller"];

    /// <summary>Adds what a note of these contents would hold.</summary>
    public static void Collect(IList<AIContent> contents, Func<FunctionCallContent, bool> isCallers, List<AIContent> found)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i].AdditionalProperties is null || MembersOf(contents[i]) is null) continue;
            if (contents[i] is FunctionCallContent call ? isCallers(call) : contents[i].GetType() == typeof(AIContent)) found.Add(contents[i]);
        }
    }

    /// <returns>Null when there is nothing that the server needs back.</returns>
    public static AIContent? Create(IReadOnlyList<AIContent> collected)
    {
        if (collected.Count == 0) return null;
        var (members, calls) = (new Dictionary<string, JsonElement>(StringComparer.Ordinal), new Dictionary<string, JsonElement>(StringComparer.Ordinal));
        foreach (var content in collected)
        {
            if (content is FunctionCallContent call) calls[call.CallId] = OpenMembers.ToJson(MembersOf(call))!.Value;
            else foreach (var (name, value) in MembersOf(content)!) members[name] = value;
        }

        var origin = collected.Select(WireContent.GetOrigin).FirstOrDefault(static o => o is not null);
        return WireContent.WithCalls(WireContent.WithOrigin(WireContent.WithMembers(new AIContent(), OpenMembers.ToJson(members)), origin), OpenMembers.ToJson(calls));
    }

    /// <summary>Puts what notes say of calls onto the calls, which are behind them, unless those have members themselves.</summary>
    public static void Apply(List<ChatMessage> messages)
    {
        Dictionary<string, (JsonElement Members, string? Origin)>? open = null;
        for (var i = 0; i < messages.Count; i++)
        {
            var contents = messages[i].Contents;
            for (var j = 0; j < contents.Count; j++) Apply(contents[j], ref open);
        }
    }

    private static void Apply(AIContent content, ref Dictionary<string, (JsonElement Members, string? Origin)>? open)
    {
        if (WireContent.GetCalls(content) is { } calls)
        {
            foreach (var call in calls.EnumerateObject()) (open ??= new(StringComparer.Ordinal))[call.Name] = (call.Value, WireContent.GetOrigin(content));
            WireContent.RemoveCalls(content);
        }
        else if (open is not null && content is FunctionCallContent call && open.Remove(call.CallId, out var note) && WireContent.GetMembers(call.AdditionalProperties) is null)
        {
            WireContent.WithOrigin(WireContent.WithMembers(call, note.Members), note.Origin);
        }
    }

    private static Dictionary<string, JsonElement>? MembersOf(AIContent content)
    {
        if (WireContent.GetMembers(content.AdditionalProperties) is not { } members) return null;
        var needed = content is FunctionCallContent ? OpenMembers.Read(members, Published) : OpenMembers.Read(members, [.. WireAnswer.OfAnswers]);
        return needed.Count == 0 ? null : needed;
    }
}
