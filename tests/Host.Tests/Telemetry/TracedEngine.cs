using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using PluginHost.Testing;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Telemetry;

/// <summary>The real engine with the real telemetry, which a collector on loopback receives.</summary>
internal sealed class TracedEngine : IAsyncDisposable
{
    private readonly OtlpReceiver _receiver;

    private TracedEngine(OtlpReceiver receiver, TelemetryHost host, TestEngine engine) => (_receiver, Host, Tested) = (receiver, host, engine);

    public TestEngine Tested { get; }

    public TelemetryHost Host { get; }

    public static async Task<TracedEngine> StartAsync(
        IChatClient model,
        IReadOnlyList<PluginInstance> plugins,
        SessionsConfiguration? settings = null,
        TimeProvider? time = null,
        ISessionStore? store = null,
        (string, string)[]? variables = null)
    {
        var receiver = await OtlpReceiver.StartAsync();
        var host = await TelemetryHost.StartAsync(receiver, variables ?? []);
        var agent = new AgentConfiguration("assistant") { Model = new() { Client = "stub", Model = "stub-1" } };
        return new(receiver, host, new TestEngine(model, plugins, settings, time, store, agent, host.Observer));
    }

    /// <summary>Ends the export.</summary>
    /// <returns>All that was sent.</returns>
    public async Task<ReceivedTelemetry> EndAsync()
    {
        await Host.StopAsync();
        return _receiver.Received;
    }

    public async ValueTask DisposeAsync()
    {
        await Tested.DisposeAsync();
        await Host.DisposeAsync();
        await _receiver.DisposeAsync();
    }
}
