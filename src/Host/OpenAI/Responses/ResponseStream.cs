using System.Text.Json.Serialization.Metadata;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Streams a response to one caller.</summary>
internal static class ResponseStream
{
    /// <summary>Writes the events of a live run after <paramref name="startingAfter"/> (-1 for all), to the last one.</summary>
    public static async Task WriteAsync(HttpContext context, RunHandle run, long startingAfter)
    {
        await EventStream.BeginAsync(context);
        var mapper = new ResponseStreamMapper(run.Record);
        using var writer = new SseWriter(context.Response.BodyWriter);
        var cancellationToken = context.RequestAborted;
        await using var events = new EventReader(
            run.ReadEventsAsync(0, cancellationToken), context.RequestServices.GetRequiredService<TimeProvider>(), cancellationToken);
        while (await events.MoveNextAsync(() => writer.WriteCommentAsync(cancellationToken).AsTask()))
        {
            var any = false;
            foreach (var happened in mapper.Map(events.Current))
            {
                if (happened.SequenceNumber <= startingAfter) continue;
                Append(writer, happened);
                any = true;
            }

            if (any) await writer.FlushAsync(cancellationToken);
        }
    }

    /// <summary>A response that ended a while ago has no events any more, but its record tells what its last one told.</summary>
    public static async Task WriteEndAsync(HttpContext context, RunRecord run, long startingAfter)
    {
        await EventStream.BeginAsync(context);
        using var writer = new SseWriter(context.Response.BodyWriter);
        Append(writer, ResponseStreamMapper.EndOf(run, startingAfter + 1));
        await writer.FlushAsync(context.RequestAborted);
    }

    private static void Append(SseWriter writer, ResponseEvent happened) =>
        writer.Append($"event: {happened.Type}\n", happened, TypeOf(happened));

    private static JsonTypeInfo TypeOf(ResponseEvent happened) => ResponsesJson.Default.GetTypeInfo(happened.GetType())!;
}
