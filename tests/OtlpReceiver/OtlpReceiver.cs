using System.Globalization;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PluginHost.Testing.Otlp;

namespace PluginHost.Testing;

/// <summary>A collector on loopback: takes OTLP over gRPC and over HTTP with protobuf, and keeps what arrives.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CollectorMood _mood;

    private OtlpReceiver(WebApplication app, ReceivedTelemetry received, CollectorMood mood)
    {
        (_app, Received, _mood) = (app, received, mood);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (GrpcEndpoint, HttpEndpoint) = (addresses[0], addresses[1]);
    }

    public ReceivedTelemetry Received { get; }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> with the protocol <c>grpc</c>.</summary>
    public string GrpcEndpoint { get; }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> with the protocol <c>http/protobuf</c>.</summary>
    public string HttpEndpoint { get; }

    /// <summary>How many requests have come, answered or not.</summary>
    public int Requests => _mood.Requests;

    /// <summary>From now on requests are taken, and not answered.</summary>
    public void Hold() => _mood.Hold();

    /// <summary>From now on requests are answered with this HTTP status and nothing is kept.</summary>
    public void Refuse(int status) => _mood.Refuse(status);

    /// <summary>From now on connections are cut in the middle of a request.</summary>
    public void Break() => _mood.Break();

    /// <summary>From now on all is well, for those too that are held.</summary>
    public void LetGo() => _mood.LetGo();

    /// <summary>Starts a collector on two free ports.</summary>
    /// <param name="status">The HTTP status of every answer; anything but 200 keeps nothing.</param>
    /// <param name="grpcStatus">The gRPC status of every answer; anything but 0 keeps nothing.</param>
    public static async Task<OtlpReceiver> StartAsync(int status = 200, int grpcStatus = 0)
    {
        // Slim and without the environment: the variables of the tests' own process must not reach the collector.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // Without TLS a port cannot offer both: there is nothing to negotiate with.
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var received = new ReceivedTelemetry();
        builder.Services.AddSingleton(received).AddRouting().AddGrpc();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var mood = new CollectorMood();
        if (status != 200) mood.Refuse(status);
        app.Use(mood.ApplyAsync);
        if (grpcStatus != 0) app.Run(context => RefuseInGrpc(context, grpcStatus));
        else Map(app, received);
        await app.StartAsync();
        return new(app, received, mood);
    }

    public async ValueTask DisposeAsync()
    {
        _mood.LetGo();
        await _app.DisposeAsync();
    }

    private static void Map(WebApplication app, ReceivedTelemetry received)
    {
        app.MapGrpcService<TraceEndpoint>();
        app.MapGrpcService<MetricsEndpoint>();
        app.MapGrpcService<LogsEndpoint>();
        app.MapPost("/v1/traces", async (HttpContext context) => received.Add(TraceRequest.Parser.ParseFrom(await ReadAsync(context))));
        app.MapPost("/v1/metrics", async (HttpContext context) => received.Add(MetricsRequest.Parser.ParseFrom(await ReadAsync(context))));
        app.MapPost("/v1/logs", async (HttpContext context) => received.Add(LogsRequest.Parser.ParseFrom(await ReadAsync(context))));
    }

    private static async Task<ByteString> ReadAsync(HttpContext context) => await ByteString.FromStreamAsync(context.Request.Body);

    private static Task RefuseInGrpc(HttpContext context, int status)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = status.ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
