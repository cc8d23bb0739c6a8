using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PluginHost.ModelServer.Anthropic;

/// <summary>Sends one answer as events, with the habits of the real server: pings, empty first pieces, signatures in a piece apart.</summary>
internal sealed class AnswerStream(HttpContext http, AnthropicReply reply)
{
    public static JsonObject Error(string type, string message) =>
        new() { ["type"] = "error", ["error"] = new JsonObject { ["type"] = type, ["message"] = message }, ["request_id"] = "req_011CSHoEeqs5C35K2UUqR7Fy" };

    public async Task SendAsync(string model)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        await EventAsync("message_start", Start(model));
        for (var i = 0; i < reply.Blocks.Length; i++)
        {
            foreach (var (name, data) in Events(i, reply.Blocks[i])) await EventAsync(name, data);
            if (i > 0) continue;
            await EventAsync("ping", []);
            if (reply.AfterFirstBlock is { } hold) await hold.WaitAsync(http.RequestAborted);
            if (!reply.BreakOff) continue;
            http.Abort();
            return;
        }

        if (reply.EndEarly) return;
        if (reply.Error is { } error)
        {
            await EventAsync("error", Error(error.Type, error.Message));
            return;
        }

        await EventAsync("message_delta", new() { ["delta"] = new JsonObject { ["stop_reason"] = reply.EndReason, ["stop_sequence"] = null }, ["usage"] = new JsonObject { ["output_tokens"] = 15 } });
        await EventAsync("message_stop", []);
        if (reply.AfterEnd is { } open) await open.WaitAsync(http.RequestAborted);
    }

    private JsonObject Start(string model)
    {
        var usage = new JsonObject { ["input_tokens"] = 25, ["cache_creation_input_tokens"] = 0, ["cache_read_input_tokens"] = 0, ["output_tokens"] = 1, ["service_tier"] = "standard" };
        foreach (var (name, value) in reply.Usage) usage[name] = value?.DeepClone();
        return new()
        {
            ["message"] = new JsonObject
            {
                ["id"] = $"msg_{Guid.NewGuid():N}",
                ["type"] = "message",
                ["role"] = "assistant",
                ["model"] = model,
                ["content"] = new JsonArray(),
                ["stop_reason"] = null,
                ["stop_sequence"] = null,
                ["usage"] = usage,
            },
        };
    }

    private static IEnumerable<(string Name, JsonObject Data)> Events(int index, JsonObject block)
    {
        var type = (string)block["type"]!;
        var first = (JsonObject)block.DeepClone();
        if (type == "text") first["text"] = "";
        if (type == "thinking") (first["thinking"], first["signature"]) = ("", "");
        if (type == "tool_use") first["input"] = new JsonObject();
        yield return ("content_block_start", new() { ["index"] = index, ["content_block"] = first });
        foreach (var delta in Deltas(type, block)) yield return ("content_block_delta", new() { ["index"] = index, ["delta"] = delta });
        yield return ("content_block_stop", new() { ["index"] = index });
    }

    private static IEnumerable<JsonObject> Deltas(string type, JsonObject block)
    {
        switch (type)
        {
            case "text":
                foreach (var piece in Pieces((string)block["text"]!)) yield return new() { ["type"] = "text_delta", ["text"] = piece };
                break;
            case "thinking":
                foreach (var piece in Pieces((string)block["thinking"]!)) yield return new() { ["type"] = "thinking_delta", ["thinking"] = piece };
                yield return new() { ["type"] = "signature_delta", ["signature"] = (string)block["signature"]! };
                break;
            case "tool_use":
                yield return new() { ["type"] = "input_json_delta", ["partial_json"] = "" };
                var input = (string?)block["cut_input"] ?? block["input"]!.ToJsonString();
                foreach (var piece in Pieces(input == "{}" ? "" : input)) yield return new() { ["type"] = "input_json_delta", ["partial_json"] = piece };
                break;
        }
    }

    private static IEnumerable<string> Pieces(string text)
    {
        var middle = text.Length / 2;
        // Not inside of a pair of surrogates.
        if (middle > 0 && char.IsLowSurrogate(text[middle])) middle--;
        return new[] { text[..middle], text[middle..] }.Where(p => p.Length > 0);
    }

    private async Task EventAsync(string name, JsonObject data)
    {
        var typed = new JsonObject { ["type"] = name };
        foreach (var (member, value) in data) typed[member] = value?.DeepClone();
        var bytes = Encoding.UTF8.GetBytes($"event: {name}\ndata: {FakeModel.Serialize(typed)}\n\n");
        for (var start = 0; start < bytes.Length; start += Math.Min(reply.PieceBytes, bytes.Length - start))
        {
            await http.Response.Body.WriteAsync(bytes.AsMemory(start, Math.Min(reply.PieceBytes, bytes.Length - start)), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
