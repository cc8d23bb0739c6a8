using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PluginHost.ModelServer.Dialects;

namespace PluginHost.EndToEnd.Kills;

/// <summary>A model with OpenAI's interface that does the step that comes next in the conversation. It refuses what a service refuses. Thread-safe.</summary>
internal sealed class LoopModel(Action<KillPoint> hit)
{
    private readonly ConcurrentQueue<string> _wrong = new();
    private int _count;

    /// <summary>What was wrong with requests.</summary>
    public IReadOnlyList<string> Wrong => [.. _wrong];

    public int Requests => Volatile.Read(ref _count);

    public async Task AnswerAsync(HttpContext http)
    {
        var number = Interlocked.Increment(ref _count);
        var body = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        List<JsonObject> messages = [.. body["messages"]!.AsArray().Select(m => m!.AsObject())];
        if (Check(body, messages) is { } wrong)
        {
            _wrong.Enqueue($"{wrong}\n{body["messages"]!.ToJsonString()}");
            http.Response.StatusCode = 400;
            return;
        }

        hit(KillPoint.ModelAsked);
        var last = messages.FindLastIndex(m => (string?)m["role"] == "user");
        var task = LoopTask.From(TextOf(messages[last]));
        var step = messages.Skip(last).Count(m => m["tool_calls"] is not null);
        http.Response.ContentType = "text/event-stream";
        await AnswerAsync(http, task.HasStableIds ? $"chatcmpl-{task.Id}-{step}" : $"chatcmpl-{number}", task.Steps[step]);
    }

    private static string? Check(JsonObject body, List<JsonObject> messages)
    {
        if ((bool?)body["stream"] != true) return "Expected a streamed request.";
        if ((string?)messages[^1]["role"] is not ("user" or "tool")) return "Expected a message of the user or of a tool at the end.";
        return Pairing.CheckMessages(messages);
    }

    private async Task AnswerAsync(HttpContext http, string id, LoopStep step)
    {
        await SendAsync(http, id, new() { ["role"] = "assistant", ["content"] = "" });
        for (var i = 0; i < step.Pieces.Count; i++)
        {
            // Some answers take longer than text waits for the journal.
            if (step.Pieces.Count > 20) await Pace.WaitAsync(http.RequestAborted);
            await SendAsync(http, id, new() { ["content"] = step.Pieces[i] });
            hit(KillPoint.ModelSpoke);
        }

        for (var i = 0; i < step.Calls.Count; i++)
        {
            var call = ChatReplies.Call($"{id}-{i}", step.Calls[i].Tool, new JsonObject { ["effect"] = step.Calls[i].Effect }.ToJsonString());
            call["index"] = i;
            await SendAsync(http, id, new() { ["tool_calls"] = new JsonArray(call) });
        }

        await SendAsync(http, id, [], step.Calls.Count > 0 ? "tool_calls" : "stop");
        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    private static async Task SendAsync(HttpContext http, string id, JsonObject delta, string? finish = null)
    {
        var chunk = new JsonObject
        {
            ["id"] = id,
            ["object"] = "chat.completion.chunk",
            ["created"] = 1_700_000_000,
            ["model"] = "m",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
        };
        await http.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static string TextOf(JsonObject message) =>
        message["content"] is JsonArray parts ? string.Concat(parts.Select(p => (string?)p!["text"])) : (string)message["content"]!;
}
