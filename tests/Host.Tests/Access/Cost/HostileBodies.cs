namespace PluginHost.Tests.Access.Cost;

/// <summary>Bodies that grow with a number, in shapes that have been expensive, or could be.</summary>
internal static class HostileBodies
{
    /// <summary>Shapes that any endpoint may be sent, by name.</summary>
    private static readonly Dictionary<string, Func<int, string>> Any = new()
    {
        ["a long name over many objects"] = n => $$"""{"{{new string('k', n / 2)}}":[{{Repeat(n / 6, _ => "{}")}}]}""",
        ["long names inside each other"] = n => Object($"\"{new string('a', n / 3)}\":" + Object($"\"{new string('b', n / 3)}\":[{Repeat(n / 24, _ => """{"d":1,"d":2}""")}]")),
        ["unknown names"] = n => Object(Repeat(n / 14, i => $"\"u{i:x7}\":1")),
        ["one name again and again"] = n => Object(Repeat(n / 6, _ => "\"d\":1")),
        ["lists of nothing"] = n => $$"""{"input":[{{Repeat(n / 3, _ => "[]")}}]}""",
        ["escapes"] = n => $$"""{"input":"{{string.Concat(Enumerable.Repeat("\\u00e9", n / 6))}}"}""",
        ["metadata"] = n => Object("\"metadata\":" + Object(Repeat(n / 16, i => $"\"m{i:x7}\":\"v\""))),
    };

    /// <summary>Messages in the form of the native API.</summary>
    private static readonly Dictionary<string, Func<int, string>> Messages = new()
    {
        ["blanks"] = n => $$"""[{"role":"user","content":"x{{new string(' ', n)}}"}]""",
        ["many messages"] = n => $$"""[{{Repeat(n / 35, _ => """{"role":"user","content":"hi"}""")}}]""",
        ["results of unknown calls"] = n => $$"""[{"role":"tool","content":[{{Repeat(n / 60, i => $$"""{"type":"function_result","call_id":"c{{i:x7}}","result":1}""")}}]}]""",
        ["calls and their results"] = n => $$"""[{"role":"assistant","content":[{{Calls(n)}}]},{"role":"tool","content":[{{Results(n)}}]}]""",
        ["calls and other results"] = n => $$"""[{"role":"assistant","content":[{{Calls(n)}}]},{"role":"tool","content":[{{Repeat(n / 120, i => $$"""{"type":"function_result","call_id":"x{{i:x7}}","result":1}""")}}]}]""",
        ["calls without results"] = n => $$"""[{"role":"assistant","content":[{{Calls(n * 2)}}]},{"role":"user","content":"hi"}]""",
    };

    /// <summary>Items in the form of OpenAI's interface. Those with a reference name an item that exists.</summary>
    private static readonly Dictionary<string, Func<int, string, string>> Items = new()
    {
        ["blanks"] = (n, _) => $$"""[{"role":"user","content":"x{{new string(' ', n)}}"}]""",
        ["one word"] = (n, _) => $$"""[{"role":"user","content":"{{new string('x', n)}}"}]""",
        ["many items"] = (n, _) => $$"""[{{Repeat(n / 35, _ => """{"role":"user","content":"hi"}""")}}]""",
        ["outputs of unknown calls"] = (n, _) => $$"""[{{Repeat(n / 65, i => $$"""{"type":"function_call_output","call_id":"c{{i:x7}}","output":"x"}""")}}]""",
        ["references to one item"] = (n, item) => $$"""[{{Repeat(n / 80, _ => $$"""{"type":"item_reference","id":"{{item}}"}""")}}]""",
    };

    private static readonly Dictionary<string, Func<int, string>> Chat = new()
    {
        ["many messages"] = n => $$"""[{{Repeat(n / 35, _ => """{"role":"user","content":"hi"}""")}}]""",
        ["calls in one message"] = n => $$"""[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{{Repeat(n / 80, i => $$$"""{"id":"c{{{i:x7}}}","type":"function","function":{"name":"t","arguments":"{}"}}""")}}]}]""",
        ["results of unknown calls"] = n => $$"""[{{Repeat(n / 60, i => $$"""{"role":"tool","tool_call_id":"c{{i:x7}}","content":"x"}""")}}]""",
    };

    /// <summary>The shapes for an endpoint: those for any, and its own.</summary>
    /// <param name="endpoint">For example <c>POST /v1/runs</c>.</param>
    /// <param name="item">The id of a stored item of a response.</param>
    public static IEnumerable<(string Name, Func<int, string> Body)> For(string endpoint, string item)
    {
        foreach (var (name, body) in Any) yield return (name, body);
        var (around, lists) = endpoint switch
        {
            "POST /v1/runs" or "POST /v1/sessions/{id}/runs" => ("""{"input":$}""", Messages),
            "POST /v1/sessions" => ("""{"messages":$}""", Messages),
            "POST /v1/sessions/import" => ("""{"type":"session","version":1,"session_id":"#","state":{},"metadata":{},"messages":$}""", Messages),
            "POST /v1/chat/completions" => ("""{"model":"assistant","messages":$}""", Chat),
            "POST /v1/responses" or "POST /v1/responses/input_tokens" => ("""{"model":"assistant","input":$}""", ItemsWith(item)),
            "POST /v1/messages" or "POST /v1/messages/count_tokens" => ("""{"model":"assistant","max_tokens":9,"messages":$}""", Messages),
            "POST /v1/conversations" or "POST /v1/conversations/{id}/items" => ("""{"items":$}""", ItemsWith(item)),
            _ => ("", new Dictionary<string, Func<int, string>>()),
        };
        foreach (var (name, list) in lists) yield return (name, n => around.Replace("$", list(n), StringComparison.Ordinal).Replace("#", $"i{Guid.NewGuid():N}", StringComparison.Ordinal));
        if (endpoint.EndsWith("/v1/sessions", StringComparison.Ordinal) || endpoint.StartsWith("PATCH", StringComparison.Ordinal))
            yield return ("state", n => StateOf(n / 14, "1"));
        if (endpoint.StartsWith("PATCH", StringComparison.Ordinal))
            yield return ("state that goes", n => StateOf(n / 17, "null"));
    }

    /// <summary>A body whose state has so many members, all with one value.</summary>
    public static string StateOf(int count, string value) =>
        Object("\"state\":" + Object("\"p\":" + Object(Repeat(count, i => $"\"s{i:x7}\":{value}"))));

    private static string Object(string members) => "{" + members + "}";

    private static Dictionary<string, Func<int, string>> ItemsWith(string item) =>
        Items.ToDictionary(i => i.Key, Func<int, string> (i) => n => i.Value(n, item));

    private static string Calls(int n) => Repeat(n / 120, i => $$"""{"type":"function_call","call_id":"c{{i:x7}}","name":"t"}""");

    private static string Results(int n) => Repeat(n / 120, i => $$"""{"type":"function_result","call_id":"c{{i:x7}}","result":1}""");

    private static string Repeat(int count, Func<int, string> make) => string.Join(',', Enumerable.Range(0, count).Select(make));
}
