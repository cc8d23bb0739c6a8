using System.Diagnostics;
using Microsoft.Extensions.AI;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Records the request to the model on its span. It wraps the model directly, so it records the request after all plugins, including
/// redaction.
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
        span.SetTag(Attributes.InputMessages, ContentJson.WriteMessages(list));
        if (options?.Instructions is { Length: > 0 } instructions) span.SetTag(Attributes.SystemInstructions, ContentJson.WriteInstructions(instructions));
        return list;
    }
}
