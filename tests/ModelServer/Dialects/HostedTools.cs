using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>
/// OpenAI's Responses interface with tools that the service runs, and with tools of other types that the caller runs. It insists on
/// getting back what it gave, and on the answers to what it asked for.
/// </summary>
public sealed class HostedTools : IDialect
{
    private readonly List<JsonObject> _given = [];
    private readonly HashSet<string> _stored = [];

    /// <summary>The items that it gives to a user's message.</summary>
    public static IReadOnlyList<JsonObject> First { get; } = Parse("""
        [{"id":"ws_0","type":"web_search_call","status":"completed","action":{"type":"search","query":"rome","sources":null}},
        {"id":"msg_0","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"Rome is old.","annotations":[{"type":"url_citation","start_index":0,"end_index":4,"url":"https://rome.example","title":"Rome"}]}]},
        {"id":"lsh_0","type":"local_shell_call","call_id":"call_sh","status":"completed","action":{"type":"exec","command":["ls","-l"],"env":{}}},
        {"id":"mcpr_0","type":"mcp_approval_request","arguments":"{ \"a\": 1 }","name":"ask","server_label":"wiki"}]
        """);

    /// <summary>The items that it gives when it has the answers.</summary>
    public static IReadOnlyList<JsonObject> Second { get; } = Parse("""
        [{"id":"mcp_1","type":"mcp_call","approval_request_id":"mcpr_0","arguments":"{}","error":null,"name":"ask","output":"yes","server_label":"wiki"},
        {"id":"ig_1","type":"image_generation_call","status":"completed","result":"iVBORw0KGgo="},
        {"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":[{"type":"output_text","text":"Done.","annotations":[]}]}]
        """);

    public WireReply Answer(WireRequest request)
    {
        var isStored = (bool?)request.Body["store"] ?? true;
        if (Refuse(request) is { } refusal) return refusal;
        var number = _given.Count == 0 ? 0 : 1;
        IReadOnlyList<JsonObject> output = number == 0 ? First : Second;
        _given.AddRange(output);
        if (isStored) _stored.UnionWith([$"resp_{number}", .. output.Select(o => (string)o["id"]!)]);
        return ResponsesReplies.From(request, $"resp_{number}", output, isStored);
    }

    private WireReply? Refuse(WireRequest request)
    {
        var isKnown = request.Body["previous_response_id"] is not null;
        if (isKnown && !_stored.Contains((string)request.Body["previous_response_id"]!)) return WireReply.Error(400, "Previous response not found.", "previous_response_not_found");
        if (request.Input.Any(i => (string?)i["id"] is { } id && !_stored.Contains(id) && id != "mcpr_0")) return WireReply.Error(404, "Items are not persisted when `store` is set to false.", null, "input");
        var given = _given.Select(WithoutId).ToList();
        var back = request.Input.Where(i => (string?)i["role"] != "user" && !IsAnswer(i)).Select(WithoutId).ToList();
        if (!isKnown && !back.SequenceEqual(given)) return WireReply.Error(400, $"Expected {string.Join(' ', given)}, got {string.Join(' ', back)}", null, "input");
        if (_given.Count == First.Count && !HasAnswers(request)) return WireReply.Error(400, "No tool output found for shell call call_sh.", null, "input");
        return null;
    }

    private static bool IsAnswer(JsonObject item) => (string?)item["type"] is "local_shell_call_output" or "mcp_approval_response";

    private static bool HasAnswers(WireRequest request) =>
        request.Input.Any(i => (string?)i["type"] == "local_shell_call_output" && (string?)i["call_id"] == "call_sh")
        && request.Input.Any(i => (string?)i["type"] == "mcp_approval_response" && (string?)i["approval_request_id"] == "mcpr_0");

    /// <summary>The text of an item but its id and, of a message, its status; absent members are as good as null, and an empty list of annotations as none.</summary>
    private static string WithoutId(JsonObject item)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove("id");
        if ((string?)copy["type"] != "message") return new JsonObject([.. copy.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))]).ToJsonString();
        var part = copy["content"]![0]!;
        return $"{copy["phase"]} {part["text"]} {(part["annotations"] is JsonArray { Count: > 0 } list ? list.ToJsonString() : "")}";
    }

    private static IReadOnlyList<JsonObject> Parse(string json) => [.. JsonNode.Parse(json)!.AsArray().Select(i => i!.AsObject())];
}
