using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using PluginHost.ModelServer.Dialects;

namespace PluginHost.ModelServer;

/// <summary>
/// The endpoints below <c>/control</c>, through which another process queues replies, releases held ones and reads the requests.
/// Thread-safe.
/// </summary>
internal sealed class ControlEndpoints(FakeModel model)
{
    private readonly ConcurrentDictionary<string, Hold> _holds = new(StringComparer.Ordinal);

    public void Map(WebApplication app)
    {
        app.MapPost("/control/replies", async (HttpContext http) =>
        {
            foreach (var reply in (JsonArray)(await JsonNode.ParseAsync(http.Request.Body))!) model.Enqueue(Read((JsonObject)reply!));
        });
        app.MapPost("/control/uses-tools", () => { model.Dialect = new ToolUser(); });
        app.MapPost("/control/reset", () => model.Reset());
        app.MapGet("/control/requests", (HttpContext http) => http.Response.WriteAsync(WriteRequests().ToJsonString()));
        app.MapPost("/control/holds/{name}/release", (string name) => GetHold(name).Release());
        app.MapGet("/control/holds/{name}/reached", (string name) => GetHold(name).Reached);
        app.MapGet("/control/holds/{name}/abandoned", (string name) => GetHold(name).Abandoned);
    }

    private JsonArray WriteRequests() =>
        new([.. model.Requests.Select(JsonNode (r) => new JsonObject { ["path"] = r.Path, ["body"] = r.Body.DeepClone() })]);

    private Hold GetHold(string name) => _holds.GetOrAdd(name, static _ => new Hold());

    private ModelReply Read(JsonObject reply)
    {
        var read = new ModelReply
        {
            Status = (int?)reply["status"] ?? 200,
            Error = (string?)reply["error"],
            ErrorCode = reply["error_code"]?.DeepClone(),
            Finish = (string?)reply["finish_reason"],
            Body = (string?)reply["body"],
            BreakOff = (bool?)reply["break_off"] ?? false,
            Refuse = (bool?)reply["refuse"] ?? false,
            EndEarly = (bool?)reply["end_early"] ?? false,
            OmitUsage = (bool?)reply["omit_usage"] ?? false,
            SplitCharacters = (bool?)reply["split_characters"] ?? false,
            BeforeAnswer = (string?)reply["hold_before"] is { } before ? GetHold(before) : null,
            AfterFirstPiece = (string?)reply["hold_after_first"] is { } after ? GetHold(after) : null,
        };
        if (reply["text"] is JsonArray pieces) read = read with { Text = [.. pieces.Select(p => (string)p!)] };
        if (reply["tool_calls"] is not JsonArray calls) return read;
        return read with { ToolCalls = [.. calls.Select(c => new ModelToolCall((string)c!["id"]!, (string)c["name"]!, (string)c["arguments"]!))] };
    }
}
