using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using PluginHost.Engine.Runs.Live;
using PluginHost.Native.Streaming;

namespace PluginHost.Http.Streaming;

/// <summary>Streams the events of a run to one caller.</summary>
internal static class EventStream
{
    public const string ContentType = "text/event-stream";

    /// <summary>Sends the head of the response at once, so that the caller knows the run was accepted.</summary>
    public static async Task BeginAsync(HttpContext context)
    {
        SetHead(context);
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Sets the head of the response, which goes out with the first flush.</summary>
    public static void SetHead(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        // Asks reverse proxies (nginx and those that follow it) not to collect the stream.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Writes the events of a run after <paramref name="lastSeen"/> to a response, to the last one.</summary>
    public static Task WriteAsync(HttpContext context, string runId, IAsyncEnumerable<RunEvent> events, long lastSeen) =>
        WriteAsync(
            events,
            new RunEventMapper(runId),
            lastSeen,
            context.Response.BodyWriter,
            context.RequestServices.GetRequiredService<TimeProvider>(),
            context.RequestAborted);

    /// <summary>Writes all events after <paramref name="lastSeen"/>, to the last one.</summary>
    /// <param name="events">The run's events from the first one.</param>
    /// <param name="mapper">A new one.</param>
    /// <param name="lastSeen">The id of the last event that the caller has; 0 for none.</param>
    /// <param name="output">Where to.</param>
    /// <param name="time">Measures silence.</param>
    /// <param name="cancellationToken">Cancelled when the caller is gone.</param>
    public static async Task WriteAsync(
        IAsyncEnumerable<RunEvent> events,
        RunEventMapper mapper,
        long lastSeen,
        PipeWriter output,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var writer = new SseWriter(output);
        await using var source = new EventReader(events, time, cancellationToken);
        while (await source.MoveNextAsync(async () => await writer.WriteCommentAsync(cancellationToken)))
        {
            foreach (var happened in mapper.Map(source.Current))
            {
                if (happened.Id > lastSeen) await writer.WriteAsync(happened, cancellationToken);
            }
        }
    }
}
