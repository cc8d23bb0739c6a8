using System.CommandLine;
using PluginHost.Benchmarks.Http;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>A collector in its own process that discards all data. Its processor time is not counted as the host's.</summary>
internal sealed class CollectorSink : IAsyncDisposable
{
    private const string Name = "collector-sink";

    private readonly PeerProcess _process;

    private CollectorSink(PeerProcess process) => _process = process;

    public string Address => _process.Address.OriginalString;

    /// <summary>Environment variables of a process that exports to it.</summary>
    public (string Name, string Value)[] Variables => [("OTEL_EXPORTER_OTLP_ENDPOINT", Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

    /// <summary>Creates the command <c>collector-sink</c>, which the process executes.</summary>
    public static Command CreateCommand()
    {
        var url = new Option<string>("--url") { Description = "The address to listen on.", DefaultValueFactory = _ => RunningServer.FreePort };
        var command = new Command(Name, "Receive and discard OTLP over HTTP until SIGTERM. Prints the address.") { url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls(parsed.GetValue(url)!);
            var app = builder.Build();
            app.MapPost("/{**path}", (HttpContext context) => context.Request.Body.CopyToAsync(Stream.Null));
            await using var server = await RunningServer.StartAsync(app);
            await server.ServeAsync(parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }

    public static async Task<CollectorSink> StartAsync() => new(await PeerProcess.StartAsync([Name]));

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
