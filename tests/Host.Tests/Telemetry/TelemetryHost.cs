using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

/// <summary>A host with nothing but telemetry, configured by the given variables.</summary>
internal sealed class TelemetryHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TelemetryHost(IHost host) => _host = host;

    public FakeTimeProvider Time => (FakeTimeProvider)Services.GetRequiredService<TimeProvider>();

    public HostObserver Observer => Services.GetRequiredService<HostObserver>();

    public IServiceProvider Services => _host.Services;

    public static async Task<TelemetryHost> StartAsync(
        IEnumerable<(string Name, string Value)> variables, TimeSpan? shutdownTimeout = null, ILoggerProvider? logs = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(variables.ToDictionary(v => v.Name, v => (string?)v.Value));
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        if (logs is not null) builder.Logging.AddProvider(logs);
        builder.AddHostTelemetry(shutdownTimeout: shutdownTimeout);
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    public static Task<TelemetryHost> StartAsync(OtlpReceiver receiver, params (string Name, string Value)[] variables) =>
        StartAsync([.. HttpTo(receiver), .. variables]);

    public static (string, string)[] HttpTo(OtlpReceiver receiver) =>
        [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.HttpEndpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

    public static (string, string)[] GrpcTo(OtlpReceiver receiver) =>
        [("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.GrpcEndpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];

    /// <summary>Sends everything that is left and ends the export.</summary>
    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
    }
}
