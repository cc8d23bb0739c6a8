using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Adds the telemetry of Microsoft.Extensions.AI to a client while there is a listener. That telemetry keeps every update of a streamed
/// answer, so calls bypass it without a listener.
/// </summary>
/// <remarks>
/// Disposes the client but not its telemetry: OpenTelemetry treats instruments of the same name as one, so disposing one would end them
/// for all clients. One meter and one source per agent and reload remain.
/// </remarks>
internal sealed class ObservedChatClient : DelegatingChatClient
{
    private readonly HostObserver _observer;
    private readonly OpenTelemetryChatClient _observed;
    private readonly ActivitySource _source;

    public ObservedChatClient(IChatClient client, HostObserver observer, bool captureContent)
        : base(client)
    {
        _observer = observer;
        // The library's content capture would record answers and tool results before plugins redact them.
        _observed = new(captureContent ? new InputRecorder(client) : client, sourceName: Scopes.GenAI) { EnableSensitiveData = false };
        _source = _observed.GetRequiredService<ActivitySource>();
    }

    private IChatClient Target => _observer.IsEnabled || _source.HasListeners() ? _observed : InnerClient;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ObservedChatClient) ? this : _observed.GetService(serviceType, serviceKey);

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Target.GetResponseAsync(messages, options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Target.GetStreamingResponseAsync(messages, options, cancellationToken);
}
