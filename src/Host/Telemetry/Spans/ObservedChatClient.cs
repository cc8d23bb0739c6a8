using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Puts Microsoft.Extensions.AI's telemetry around a client while anybody listens. It keeps every update of a streamed
/// answer for its spans, so that without a listener calls go past it.
/// </summary>
/// <remarks>
/// Disposes the client but not the telemetry around it: several clients have instruments of the same name, which
/// OpenTelemetry takes for one, and the first that is disposed would end it for all. What stays behind is one meter and one
/// source per agent and reload.
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
        // Its own capture of content would show answers and results of tools as they were before a plugin redacted them.
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
