using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>Reads the answer of <c>/responses/compact</c>: items that go back as they are.</summary>
internal sealed class CompactionReader(ContentOrigin origin, ModelExceptionFactory errors) : IAnswerReader
{
    public IEnumerable<ChatResponseUpdate> ReadWhole(JsonElement answer)
    {
        if (answer.Get("error") is not null) throw errors.FromErrorInStream(answer);
        List<AIContent> contents = [.. answer.GetList("output").Select(item => origin.Mark(WireItem.Create(item)))];
        if (contents.Count == 0) throw errors.CreateInvalid("It has no output.");
        if (answer.Get("usage") is { } usage) contents.Add(new UsageContent(ResponsesAnswerReader.UsageOf(usage)));
        yield return new ChatResponseUpdate(ChatRole.Assistant, contents) { ResponseId = answer.GetText("id"), FinishReason = ChatFinishReason.Stop };
    }

    public IEnumerable<ChatResponseUpdate> ReadEvent(JsonElement data) => throw errors.CreateInvalid("It has events.");

    public IEnumerable<ChatResponseUpdate> End() => [];
}
