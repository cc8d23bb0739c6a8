using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>Cuts messages of callers into items.</summary>
internal static class InputItems
{
    /// <summary>The items of a run's input, with the ids that they have for good.</summary>
    public static List<Item> OfRun(string runId, IEnumerable<ChatMessage> input)
    {
        var (key, items) = (ItemIds.KeyOf(runId), new List<Item>());
        foreach (var message in input)
        {
            foreach (var item in From(message, (prefix, _) => ItemIds.OfInput(prefix, key, items.Count))) items.Add(item);
        }

        return items;
    }

    /// <param name="message">The message.</param>
    /// <param name="idOf">Makes the id of an item from a prefix and its index in the message.</param>
    public static IEnumerable<Item> From(ChatMessage message, Func<string, int, string> idOf)
    {
        var place = 0;
        var (parts, reasoning) = (new List<Part>(), new List<TextReasoningContent>());
        var isAssistant = message.Role == ChatRole.Assistant;
        foreach (var content in message.Contents)
        {
            if (content is TextReasoningContent piece)
            {
                if (parts.Count > 0) yield return Message();
                reasoning.Add(piece);
                // The encrypted state ends an item.
                if (piece.ProtectedData is { Length: > 0 }) yield return Reasoning();
                continue;
            }

            if (OutputItems.IsBoundary(content)) continue;
            if (reasoning.Count > 0) yield return Reasoning();
            if (WireItem.FindAnnotations(content) is { } annotations)
            {
                if (parts is [.., OutputTextPart last]) parts[^1] = last with { Annotations = [.. annotations.EnumerateArray()] };
                continue;
            }

            if (PartOf(content, isAssistant) is { } part)
            {
                parts.Add(part);
                continue;
            }

            if (ItemOf(content) is not { } make) continue;
            if (parts.Count > 0) yield return Message();
            yield return make(place++);
        }

        if (reasoning.Count > 0) yield return Reasoning();
        if (parts.Count > 0) yield return Message();

        ReasoningItem Reasoning()
        {
            var item = new ReasoningItem(idOf(ItemIds.Reasoning, place++), [.. reasoning.Where(static r => r.Text.Length > 0).Select(static r => new SummaryPart(r.Text))], "completed")
            {
                EncryptedContent = ReasoningEnvelope.Write(reasoning[^1]),
            };
            reasoning.Clear();
            return item;
        }

        MessageItem Message()
        {
            var item = new MessageItem(idOf(ItemIds.Message, place++), "completed", RoleOf(message.Role), [.. parts])
            {
                Members = WireContent.GetMembers(message.AdditionalProperties) is { } members ? OpenMembers.Read(members, "type", "id", "role", "content", "status") : null,
            };
            parts.Clear();
            return item;
        }

        Func<int, Item>? ItemOf(AIContent content) => content switch
        {
            _ when WireItem.Find(content) is { } hosted => at => HostedItems.ToItem(hosted, prefix => idOf(prefix, at)),
            FunctionCallContent custom when WireContent.IsCustom(custom) => at =>
                new CustomCallItem(idOf(ItemIds.Custom, at), custom.CallId, custom.Name, CallArguments.ToCustomInput(custom), "completed") { Members = BesideContent.MembersOf(custom) },
            FunctionResultContent custom when WireContent.IsCustom(custom) => at =>
                new CustomOutputItem(idOf(ItemIds.CustomOutput, at), custom.CallId, OutputOf(custom.Result), "completed"),
            FunctionCallContent call => at => new FunctionCallItem(idOf(ItemIds.Call, at), call.CallId, call.Name, CallArguments.ToText(call), "completed") { Members = BesideContent.MembersOf(call) },
            FunctionResultContent result => at => new FunctionOutputItem(idOf(ItemIds.Output, at), result.CallId, OutputOf(result.Result), "completed"),
            _ => null,
        };
    }

    private static string RoleOf(ChatRole role) => role == ChatRole.Tool ? "user" : role.Value;

    /// <summary>A text, or the parts that the caller sent; anything else as JSON text.</summary>
    private static JsonElement OutputOf(object? result)
    {
        if (result is JsonElement { ValueKind: JsonValueKind.String or JsonValueKind.Array } sent) return sent;
        var text = result switch
        {
            null => "",
            string plain => plain,
            JsonElement json => json.GetRawText(),
            _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions.GetTypeInfo(result.GetType())),
        };
        return JsonSerializer.SerializeToElement(text, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(string)));
    }

    private static Part? PartOf(AIContent content, bool isAssistant) => content switch
    {
        TextReasoningContent => null,
        TextContent text => isAssistant ? new OutputTextPart(text.Text) : new InputTextPart(text.Text),
        ErrorContent { ErrorCode: RefusalContent.Code } refusal => new RefusalPart(refusal.Message),
        DataContent data when data.HasTopLevelMediaType("image") => new InputImagePart(data.Uri, null, DetailOf(data)),
        DataContent data when data.HasTopLevelMediaType("audio") =>
            new InputAudioPart(new InputAudio(data.Base64Data.ToString(), data.MediaType == "audio/mpeg" ? "mp3" : "wav")),
        DataContent data => new InputFilePart { Filename = data.Name, FileData = data.Uri },
        UriContent uri when uri.HasTopLevelMediaType("image") => new InputImagePart(uri.Uri.OriginalString, null, DetailOf(uri)),
        UriContent uri => new InputFilePart { FileUrl = uri.Uri.OriginalString },
        HostedFileContent file when file.AdditionalProperties?.ContainsKey("detail") == true => new InputImagePart(null, file.FileId, DetailOf(file)),
        HostedFileContent file => new InputFilePart { FileId = file.FileId, Filename = file.Name },
        _ => null,
    };

    private static string DetailOf(AIContent content) =>
        content.AdditionalProperties?.TryGetValue("detail", out var detail) == true ? detail?.ToString() ?? "auto" : "auto";
}
