using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PluginHost.ModelServer;

/// <summary>One event of a stream.</summary>
/// <param name="Data">The data; null for the end mark <c>[DONE]</c>.</param>
/// <param name="IsText">Whether it holds a part of the text.</param>
/// <param name="IsEnd">Whether it is one of the events that end a complete stream.</param>
internal readonly record struct StreamEvent(JsonObject? Data, bool IsText = false, bool IsEnd = false);

/// <summary>Sends server-sent events with the faults that the reply configures.</summary>
internal sealed class EventStream(HttpContext http, ModelReply reply)
{
    public async Task SendAsync(IModelProtocol protocol, JsonObject request)
    {
        http.Response.ContentType = "text/event-stream";
        var isFirst = true;
        foreach (var item in protocol.CreateEvents(reply, request))
        {
            if (item.IsEnd && reply.Error is not null) await WriteAsync(FormatEvent(new(protocol.CreateErrorEvent(reply))));
            if (item.IsEnd && (reply.EndEarly || reply.Error is not null)) return;
            await WriteAsync(FormatEvent(item));
            if (!item.IsText || !isFirst) continue;
            isFirst = false;
            if (reply.AfterFirstPiece is { } hold) await hold.WaitAsync(http.RequestAborted);
            if (!reply.BreakOff) continue;
            http.Abort();
            return;
        }
    }

    private static string FormatEvent(StreamEvent item)
    {
        if (item.Data is not { } data) return "data: [DONE]\n\n";
        var type = data["type"] is JsonValue value ? $"event: {(string?)value}\n" : "";
        return $"{type}data: {FakeModel.Serialize(data)}\n\n";
    }

    private async Task WriteAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var start = 0;
        for (var i = 1; reply.SplitCharacters && i < bytes.Length; i++)
        {
            // Split before the first continuation byte of a character.
            if ((bytes[i] & 0xC0) != 0x80 || (bytes[i - 1] & 0xC0) == 0x80) continue;
            await FlushAsync(bytes.AsMemory(start, i - start));
            start = i;
        }

        await FlushAsync(bytes.AsMemory(start));
    }

    private async Task FlushAsync(ReadOnlyMemory<byte> bytes)
    {
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
