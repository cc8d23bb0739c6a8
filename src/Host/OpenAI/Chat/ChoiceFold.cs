using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Chat;

/// <summary>Puts another choice of an answer together from its pieces.</summary>
internal sealed class ChoiceFold(int index)
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _refusal = new();
    private readonly StringBuilder _reasoningContent = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<(ChatToolCallDelta Head, StringBuilder Text)> _calls = [];
    private readonly List<JsonElement> _logProbabilities = [];
    private ChatDelta _last = new();
    private string? _finish;

    /// <summary>The other choices in the contents of an answer, in order.</summary>
    public static IEnumerable<ChatChoice> From(IEnumerable<AIContent> contents)
    {
        SortedDictionary<int, ChoiceFold>? choices = null;
        foreach (var content in contents)
        {
            if (WireAnswer.GetChoice(content) is not { } sent || Read(sent) is not { } piece) continue;
            choices ??= [];
            if (!choices.TryGetValue(piece.Index, out var choice)) choices[piece.Index] = choice = new ChoiceFold(piece.Index);
            choice.Add(piece);
        }

        return choices is null ? [] : choices.Values.Select(static c => c.End());
    }

    /// <summary>A piece as a chunk has it; null when it is not one.</summary>
    public static ChatChunkChoice? Read(JsonElement sent)
    {
        if (!sent.TryGetProperty("index", out var given) || given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out var place)) return null;
        var delta = ReadDelta(sent, "delta") ?? ReadDelta(sent, "message") ?? new ChatDelta();
        var finish = sent.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String ? reason.GetString() : null;
        var tokens = sent.TryGetProperty("logprobs", out var found) && found.ValueKind == JsonValueKind.Object ? found : (JsonElement?)null;
        return new ChatChunkChoice(place, delta, finish) { LogProbabilities = tokens };
    }

    private static ChatDelta? ReadDelta(JsonElement sent, string name)
    {
        if (!sent.TryGetProperty(name, out var delta) || delta.ValueKind != JsonValueKind.Object) return null;
        try
        {
            var read = delta.Deserialize(WireJson.Default.ChatDelta)!;
            var calls = read.ToolCalls?.OfType<ChatToolCallDelta>();
            // The calls of a whole message have no index.
            return read with { ToolCalls = (name == "message" ? calls?.Select(static (call, i) => call with { Index = i }) : calls)?.ToList() };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Add(ChatChunkChoice piece)
    {
        _last = piece.Delta with { ReasoningDetails = piece.Delta.ReasoningDetails ?? _last.ReasoningDetails, ExtraContent = piece.Delta.ExtraContent ?? _last.ExtraContent };
        _finish = piece.FinishReason ?? _finish;
        _content.Append(piece.Delta.Content);
        _refusal.Append(piece.Delta.Refusal);
        _reasoningContent.Append(piece.Delta.ReasoningContent);
        _reasoning.Append(piece.Delta.Reasoning);
        if (piece.LogProbabilities is { } tokens) _logProbabilities.Add(tokens);
        foreach (var call in piece.Delta.ToolCalls ?? [])
        {
            var place = _calls.FindIndex(c => c.Head.Index == call.Index);
            if (place < 0) _calls.Add((call, new StringBuilder(TextOf(call))));
            else _calls[place].Text.Append(TextOf(call));
        }
    }

    private ChatChoice End() => new(
        index,
        new ChatMessageBody(ChatAnswer.Assistant, _content.Length == 0 && (_calls.Count > 0 || _refusal.Length > 0) ? null : _content.ToString(), TextOf(_refusal))
        {
            ReasoningContent = TextOf(_reasoningContent),
            Reasoning = TextOf(_reasoning),
            ReasoningDetails = _last.ReasoningDetails,
            ExtraContent = _last.ExtraContent,
            ToolCalls = _calls.Count == 0 ? null : [.. _calls.Select(static c => ToCall(c.Head, c.Text.ToString()))],
        },
        _finish ?? "stop")
    {
        LogProbabilities = OpenAI.LogProbabilities.Join(_logProbabilities),
    };

    private static ChatToolCall ToCall(ChatToolCallDelta head, string text) => new(head.Id ?? "", head.Type ?? ChatAnswer.Function)
    {
        Function = head.Custom is null ? new ChatFunction(head.Function?.Name ?? "", text) : null,
        Custom = head.Custom is { } custom ? new ChatCustom(custom.Name ?? "", text) : null,
        ExtraContent = head.ExtraContent,
    };

    /// <summary>What a piece adds to the arguments of a function, or to the text of a custom tool.</summary>
    private static string? TextOf(ChatToolCallDelta call) => call.Function?.Arguments ?? call.Custom?.Input;

    private static string? TextOf(StringBuilder text) => text.Length == 0 ? null : text.ToString();
}
