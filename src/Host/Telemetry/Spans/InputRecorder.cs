using System.Diagnostics;
using Microsoft.Extensions.AI;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Puts what the model is sent on its span. Stands next to the model, so that it sees what every plugin of the chain has left:
/// what a redaction masks is masked here.
/// </summary>
internal sealed class InputRecorder(IChatClient client) : DelegatingChatClient(client)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Record(messages, options), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(Record(messages, options), options, cancellationToken);

    private static IReadOnlyList<ChatMessage> Record(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        if (Activity.Current is not { IsAllDataRequested: true, Source.Name: Scopes.GenAI } span) return list;
        span.SetTag(Attributes.InputMessages, ContentJson.Messages(list));
        if (options?.Instructions is { Length: > 0 } instructions) span.SetTag(Attributes.SystemInstructions, ContentJson.Instructions(instructions));
        return list;
    }
}
