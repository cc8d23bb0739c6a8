using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>Reads a response, whole or in events.</summary>
/// <param name="origin">Marks what only this server understands.</param>
/// <param name="errors">Names failures.</param>
/// <param name="isStored">Whether the service keeps the response, so that the next request can name it.</param>
/// <param name="asked">What is read beside the message.</param>
internal sealed class ResponsesAnswerReader(ContentOrigin origin, ModelExceptionFactory errors, bool isStored, AskedExtras asked) : IAnswerReader
{
    private static readonly HashSet<string> KnownOfCall = ["type", "id", "call_id", "name", "arguments", "status"];
    private static readonly HashSet<string> KnownOfCustom = ["type", "id", "call_id", "name", "input", "status"];
    private static readonly HashSet<string> KnownTypes = ["message", "function_call", "custom_tool_call", "reasoning"];
    private static readonly HashSet<string> KnownOfMessage = ["type", "id", "role", "content", "status"];

    private string? _id;
    private string? _model;
    private string? _message;
    private JsonElement? _item;
    private string? _hosted;
    private bool _hasText;
    private bool _hasReasoning;
    private bool _hasCalls;

    public IEnumerable<ChatResponseUpdate> ReadWhole(JsonElement answer)
    {
        if (answer.Get("error") is not null) throw errors.FromErrorInStream(answer);
        if (answer.Get("output") is null) throw errors.CreateInvalid("It has no output.");
        ReadHead(answer);
        foreach (var item in answer.GetList("output"))
        {
            foreach (var update in Item(item)) yield return update;
        }

        yield return End(answer);
    }

    public IEnumerable<ChatResponseUpdate> ReadEvent(JsonElement data)
    {
        switch (data.ValueKind == JsonValueKind.Object ? data.GetText("type") : null)
        {
            case "response.created" when data.Get("response") is { } response:
                ReadHead(response);
                return [];
            case "response.output_item.added" when data.Get("item") is { } added:
                Begin(added);
                return _hosted is null ? [] : [Event(data)];
            case "response.output_text.delta" when data.GetText("delta") is { Length: > 0 } text:
                return [Update([.. LogProbabilities(data), Text(text)])];
            case "response.refusal.delta" when data.GetText("delta") is { Length: > 0 } refusal:
                _hasText = true;
                return [Update(new ErrorContent(refusal) { ErrorCode = "Refusal" })];
            case "response.reasoning_summary_text.delta" when data.GetText("delta") is { Length: > 0 } summary:
                _hasReasoning = true;
                return [Update(origin.Mark(new TextReasoningContent(summary)))];
            case "response.reasoning_text.delta" when data.GetText("delta") is { Length: > 0 } reasoning:
                _hasReasoning = true;
                return [Update(origin.Mark(WireContent.WithForm(new TextReasoningContent(reasoning), WireContent.ReasoningText)))];
            case "response.reasoning_summary_part.added" when data.GetCount("summary_index") > 0:
                return [Update(new AIContent())];
            case "response.output_item.done" when data.Get("item") is { } done:
                return Item(done);
            case "response.completed" or "response.incomplete" when data.Get("response") is { } ended:
                ReadHead(ended);
                return [End(ended)];
            case "response.failed" or "error":
                throw errors.FromErrorInStream(data.Get("response") ?? data);
            default:
                if (_hosted is not null && data.ValueKind == JsonValueKind.Object && data.GetText("item_id") == _hosted) return [Event(data)];
                if (data.ValueKind == JsonValueKind.Object && data.Get("error") is not null) throw errors.FromErrorInStream(data);
                return [];
        }
    }

    public IEnumerable<ChatResponseUpdate> End() => [];

    private void ReadHead(JsonElement response)
    {
        _id ??= response.GetText("id");
        _model ??= response.GetText("model");
    }

    private void Begin(JsonElement item)
    {
        (_hasText, _hasReasoning, _item) = (false, false, item);
        _hosted = item.GetText("type") is { } type && !KnownTypes.Contains(type) ? item.GetText("id") ?? "" : null;
        // Each message of an answer stays one; what is around it belongs to it.
        if (item.GetText("type") == "message" && item.GetText("id") is { Length: > 0 } id) _message = id;
    }

    /// <summary>What a complete item adds to what its events have given.</summary>
    private IEnumerable<ChatResponseUpdate> Item(JsonElement item)
    {
        switch (item.GetText("type"))
        {
            case "function_call":
                _hasCalls = true;
                var call = CallArguments.Create(item.GetText("call_id") ?? item.GetText("id") ?? "", item.GetText("name") ?? "", item.GetText("arguments"));
                yield return Update(origin.Mark(WireContent.WithMembers(call, item.Others(KnownOfCall))));
                break;
            case "custom_tool_call":
                _hasCalls = true;
                yield return Update(origin.Mark(WireContent.WithMembers(
                    CallArguments.CreateCustom(item.GetText("call_id") ?? "", item.GetText("name") ?? "", item.GetText("input") ?? ""), item.Others(KnownOfCustom))));
                break;
            case "reasoning":
                foreach (var content in Reasoning(item)) yield return Update(content);
                break;
            case "message":
                if (item.GetText("id") is { Length: > 0 } id) _message = id;
                _item ??= item;
                foreach (var content in Texts(item)) yield return Update(content);
                if (AnnotationsOf(item) is { } annotations) yield return Update(annotations);
                break;
            case not null:
                yield return Update(origin.Mark(WireItem.Create(item)));
                break;
        }

        (_hasText, _hasReasoning, _item, _hosted) = (false, false, null, null);
    }

    private IEnumerable<AIContent> Reasoning(JsonElement item)
    {
        var isContent = item.GetList("summary").All(static p => p.GetText("text") is null or "");
        var parts = item.GetList(isContent ? "content" : "summary").Select(static p => p.GetText("text")).OfType<string>().ToList();
        for (var i = 0; i < parts.Count && !_hasReasoning; i++)
        {
            if (i > 0) yield return new AIContent();
            var part = origin.Mark(new TextReasoningContent(parts[i]));
            yield return isContent ? WireContent.WithForm(part, WireContent.ReasoningText) : part;
        }

        if (item.GetText("encrypted_content") is { Length: > 0 } encrypted) yield return origin.Mark(new TextReasoningContent("") { ProtectedData = encrypted });
    }

    private IEnumerable<AIContent> Texts(JsonElement item)
    {
        if (_hasText) yield break;
        foreach (var part in item.GetList("content").ToList())
        {
            foreach (var tokens in LogProbabilities(part)) yield return tokens;
            if (part.GetText("text") is { Length: > 0 } text) yield return Text(text);
            else if (part.GetText("refusal") is { Length: > 0 } refusal) yield return new ErrorContent(refusal) { ErrorCode = "Refusal" };
        }
    }

    private IEnumerable<AIContent> LogProbabilities(JsonElement json)
    {
        if (!asked.LogProbabilities || !json.GetList("logprobs").Any()) return [];
        return [WireAnswer.FromLogProbabilities(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { ["content"] = json.GetProperty("logprobs") }, MembersJson.Default.DictionaryStringJsonElement))];
    }

    /// <summary>The first text of an item carries the members that the host has no type for.</summary>
    private TextContent Text(string text)
    {
        var content = new TextContent(text);
        if (!_hasText && _item?.Others(KnownOfMessage) is { } members) origin.Mark(WireContent.WithItem(content, members));
        _hasText = true;
        return content;
    }

    private static AIContent? AnnotationsOf(JsonElement item)
    {
        var all = item.GetList("content").SelectMany(static p => p.GetList("annotations")).ToList();
        return all.Count == 0 ? null : WireItem.CreateAnnotations(JsonSerializer.SerializeToElement(all, MembersJson.Default.ListJsonElement));
    }

    private ChatResponseUpdate End(JsonElement response)
    {
        var reason = response.Get("incomplete_details")?.GetText("reason");
        var finish = response.GetText("status") == "incomplete"
            ? reason == "content_filter" ? ChatFinishReason.ContentFilter : ChatFinishReason.Length
            : _hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        var update = Update();
        update.FinishReason = finish;
        if (isStored && response.Get("store") is not { ValueKind: JsonValueKind.False }) update.ConversationId = response.Get("conversation")?.GetText("id") ?? _id;
        if (response.Get("usage") is { } usage) update.Contents.Add(new UsageContent(UsageOf(usage)));
        return update;
    }

    public static UsageDetails UsageOf(JsonElement usage) => new UsageDetails
    {
        InputTokenCount = usage.GetCount("input_tokens"),
        OutputTokenCount = usage.GetCount("output_tokens"),
        TotalTokenCount = usage.GetCount("total_tokens"),
        CachedInputTokenCount = usage.Get("input_tokens_details")?.GetCount("cached_tokens"),
        ReasoningTokenCount = usage.Get("output_tokens_details")?.GetCount("reasoning_tokens"),
    }.WithCacheWrites(usage.Get("input_tokens_details")?.GetCount("cache_write_tokens"));

    private ChatResponseUpdate Event(JsonElement data)
    {
        var update = Update();
        update.RawRepresentation = new WireEvent(data);
        return update;
    }

    private ChatResponseUpdate Update(params IList<AIContent> contents) => new(ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _message, ModelId = _model };
}
