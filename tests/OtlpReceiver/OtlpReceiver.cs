using System.Globalization;
using System.IO.Compression;
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

/// <summary>A collector on loopback that accepts OTLP over gRPC and HTTP with protobuf, and records the received telemetry.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CollectorBehavior _behavior;

    private OtlpReceiver(WebApplication app, ReceivedTelemetry received, CollectorBehavior behavior)
    {
        (_app, Received, _behavior) = (app, received, behavior);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (GrpcEndpoint, HttpEndpoint) = (addresses[0], addresses[1]);
    }

    public ReceivedTelemetry Received { get; }

    /// <summary>The value of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> for the protocol <c>grpc</c>.</summary>
    public string GrpcEndpoint { get; }

    /// <summary>The value of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> for the protocol <c>http/protobuf</c>.</summary>
    public string HttpEndpoint { get; }

    /// <summary>The number of received requests, answered or not.</summary>
    public int Requests => _behavior.Requests;

    /// <summary>Accepts requests without answering them.</summary>
    public void Hold() => _behavior.Hold();

    /// <summary>Answers requests with an HTTP status and records nothing.</summary>
    public void Refuse(int status) => _behavior.Refuse(status);

    /// <summary>Accepts batches of spans and says that it rejected some of each.</summary>
    public void RejectSpans(int count) => _behavior.RejectedSpans = count;

    /// <summary>Aborts the connections of requests.</summary>
    public void Break() => _behavior.Break();

    /// <summary>Handles requests normally again, including those that are held.</summary>
    public void Recover() => _behavior.Recover();

    /// <summary>Starts a collector on two free ports.</summary>
    /// <param name="status">The HTTP status of every answer. Nothing is recorded unless it is 200.</param>
    /// <param name="grpcStatus">The gRPC status of every answer. Nothing is recorded unless it is 0.</param>
    public static async Task<OtlpReceiver> StartAsync(int status = 200, int grpcStatus = 0)
    {
        // An empty builder does not read the environment: variables of the test process must not configure the collector.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // Without TLS, one port cannot negotiate both protocols.
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var received = new ReceivedTelemetry();
        var behavior = new CollectorBehavior();
        builder.Services.AddSingleton(received).AddSingleton(behavior).AddRouting().AddGrpc();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        if (status != 200) behavior.Refuse(status);
        app.Use(behavior.ApplyAsync);
        if (grpcStatus != 0) app.Run(context => RefuseGrpc(context, grpcStatus));
        else Map(app, received, behavior);
        await app.StartAsync();
        return new(app, received, behavior);
    }

    public async ValueTask DisposeAsync()
    {
        _behavior.Recover();
        await _app.DisposeAsync();
    }

    private static void Map(WebApplication app, ReceivedTelemetry received, CollectorBehavior behavior)
    {
        app.MapGrpcService<TraceEndpoint>();
        app.MapGrpcService<MetricsEndpoint>();
        app.MapGrpcService<LogsEndpoint>();
        app.MapPost("/v1/traces", async (HttpContext context) =>
        {
            received.Add(TraceRequest.Parser.ParseFrom(await ReadAsync(context)));
            await context.Response.BodyWriter.WriteAsync(TraceEndpoint.Answer(behavior).ToByteArray());
        });
        app.MapPost("/v1/metrics", async (HttpContext context) => received.Add(MetricsRequest.Parser.ParseFrom(await ReadAsync(context))));
        app.MapPost("/v1/logs", async (HttpContext context) => received.Add(LogsRequest.Parser.ParseFrom(await ReadAsync(context))));
    }

    private static async Task<ByteString> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding != "gzip") return await ByteString.FromStreamAsync(context.Request.Body);
        await using var unzipped = new GZipStream(context.Request.Body, CompressionMode.Decompress);
        return await ByteString.FromStreamAsync(unzipped);
    }

    private static Task RefuseGrpc(HttpContext context, int status)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = status.ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
