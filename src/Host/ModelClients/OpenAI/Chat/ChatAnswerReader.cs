using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Reads a chat completion, whole or in chunks. Of several choices the first is the answer; the others go beside it when they are asked for.</summary>
/// <param name="origin">Marks what only this server understands.</param>
/// <param name="customTools">The tools that take a text, which are functions here.</param>
/// <param name="errors">Names failures.</param>
/// <param name="asked">What is read beside the message.</param>
internal sealed class ChatAnswerReader(ContentOrigin origin, IReadOnlySet<string> customTools, ModelExceptionFactory errors, AskedExtras asked) : IAnswerReader
{
    private readonly ChatDeltaReader _deltas = new(origin, customTools);
    private string? _id;
    private string? _model;
    private DateTimeOffset? _created;
    private UsageDetails? _usage;
    private string? _finish;
    private bool _isDone;
    private bool _hasEnded;

    public IEnumerable<ChatResponseUpdate> ReadWhole(JsonElement answer)
    {
        ReadHead(answer);
        foreach (var choice in FirstChoice(answer))
        {
            _finish = choice.GetText("finish_reason") is { Length: > 0 } reason ? reason : "stop";
            if (choice.Get("message") is { } message) yield return Update(Contents(choice, message));
        }

        if (_finish is null) throw errors.CreateInvalid("It has no choices.");
        foreach (var other in Others(answer)) yield return Update([other]);
        foreach (var update in End()) yield return update;
    }

    public IEnumerable<ChatResponseUpdate> ReadEvent(JsonElement data)
    {
        if (data.ValueKind == JsonValueKind.Undefined) _isDone = true;
        if (data.ValueKind != JsonValueKind.Object) yield break;
        ReadHead(data);
        foreach (var choice in FirstChoice(data))
        {
            // Some servers send an empty reason with every piece.
            _finish = choice.GetText("finish_reason") is { Length: > 0 } reason ? reason : _finish;
            if (choice.Get("usage") is { } usage) _usage = ChatUsageReader.Read(usage);
            if (choice.Get("delta") is not { } delta) continue;
            var contents = Contents(choice, delta);
            if (contents.Count > 0) yield return Update(contents);
        }

        foreach (var other in Others(data)) yield return Update([other]);
    }

    public IEnumerable<ChatResponseUpdate> End()
    {
        if (_hasEnded) yield break;
        _hasEnded = true;
        // A server that sends the end mark has not broken off, even when it gives no reason.
        var finish = _finish ?? (_isDone ? "stop" : null);
        if (finish is "error" or "insufficient_system_resource") throw errors.CreateInterrupted();
        var contents = _deltas.End();
        if (_usage is not null) contents.Add(new UsageContent(_usage));
        var update = Update(contents);
        if (finish is not null) update.FinishReason = new ChatFinishReason(finish switch { "function_call" => "tool_calls", "model_length" => "length", _ => finish });
        yield return update;
    }

    private void ReadHead(JsonElement answer)
    {
        if (answer.Get("error") is not null) throw errors.FromErrorInStream(answer);
        _id ??= answer.GetText("id") is { Length: > 0 } id ? id : null;
        _model ??= answer.GetText("model");
        if (answer.GetCount("created") is { } created && created is > 0 and < 253402300800) _created ??= DateTimeOffset.FromUnixTimeSeconds(created);
        // Some servers send the tokens so far with every chunk.
        if (answer.Get("usage") is { ValueKind: JsonValueKind.Object } usage) _usage = ChatUsageReader.Read(usage);
    }

    private static IEnumerable<JsonElement> FirstChoice(JsonElement answer) => answer.GetList("choices").Where(c => c.GetCount("index") is null or 0).Take(1);

    /// <summary>What a piece of the answer holds; the probabilities of its tokens come first.</summary>
    private List<AIContent> Contents(JsonElement choice, JsonElement piece)
    {
        var contents = _deltas.Read(piece);
        if (asked.LogProbabilities && choice.Get("logprobs") is { ValueKind: JsonValueKind.Object } tokens) contents.Insert(0, WireAnswer.FromLogProbabilities(tokens));
        return contents;
    }

    private IEnumerable<AIContent> Others(JsonElement answer) =>
        asked.Choices ? answer.GetList("choices").Where(static c => c.GetCount("index") > 0).Select(WireAnswer.FromChoice) : [];

    private ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        ResponseId = _id,
        MessageId = _id,
        ModelId = _model,
        CreatedAt = _created,
    };
}
