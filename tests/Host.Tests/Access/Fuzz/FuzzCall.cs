using System.Text.RegularExpressions;
using CsCheck;

namespace PluginHost.Tests.Access.Fuzz;

/// <summary>A request that is mostly right and somewhere wrong.</summary>
internal sealed partial record FuzzCall(string Method, string Target, string? Body, string ContentType, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>The placeholder of an id in bodies.</summary>
    private const string AnId = "<id>";

    private static readonly Gen<string> Strange = Gen.OneOf<string>(
        Gen.OneOf(
            "", ".", "..", "../../etc/passwd", "a/b", "a\\b", "'; DROP TABLE sessions; --", "\" OR 1=1", "%", "%00", "\0", "\r\nX: y", "\n", "\u001b[2J",
            "data:;base64,eA==", "data:image/;base64,eA==", "data:image/png;base64,eA==", "data:text/p lain;base64,eA==", "data:,", "https://example.com/x.png",
            """{"a":"\ud800"}""", """{"\udc00":1}""", """{"a":1,"a":2}""",
            "\u202egnp", "s\u0131", "\u0455", "日本", "👩‍👩‍👧", "\ud800", "null", "true", "-1", "1e999", "{}", "NaN", "C:\\x", "NUL", "~", new string('x', 129),
            new string('y', 3000)),
        Gen.String[0, 40]);

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) => depth > 4 ? Leaf : Gen.Frequency<string>(
        (5, Leaf),
        (1, inner.Array[0, 3].Select(items => $"[{string.Join(',', items)}]")),
        (2, Gen.Select(Name, inner).Array[0, 4].Select(pairs => $"{{{string.Join(',', pairs.Select(p => $"{Quote(p.Item1)}:{p.Item2}"))}}}"))));

    private static Gen<string> Leaf => Gen.OneOf<string>(
        Gen.OneOf("null", "true", "false", "0", "-1", "1e999", "1.5", "99999999999999999999", "\"\"", "{}", "[]", "\"\\ud800\"", "\"\\u0000\""),
        Strange.Select(Quote),
        Gen.OneOf("user", "assistant", "tool", "system", "text", "data", "function_call", "function_result", "hello", "mine", "json_schema").Select(Quote));

    private static Gen<string> Name => Gen.Frequency<string>(
        (8, Gen.OneOf(
            "id", "input", "agent", "stream", "background", "metadata", "options", "create", "state", "messages", "service_session_id", "role", "content", "type",
            "text", "run", "temperature", "tools", "name", "parameters", "response_format", "schema", "call_id", "result", "arguments", "data", "media_type", "uri",
            "session_id", "version", "part", "message", "model", "previous_response_id", "conversation", "instructions", "items", "store", "tool_choice",
            "tool_calls", "tool_call_id", "function", "output", "strict", "stream_options", "include_usage", "reasoning", "truncation", "max_output_tokens", "n", "stop")),
        (1, Strange));

    private static readonly string[] Bodies =
    [
        """{"input":"hello"}""", """{"input":"hello","stream":true}""", """{"input":"hello","background":true,"metadata":{"a":"b"}}""",
        """{"agent":"assistant","input":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"options":{"temperature":1,"tools":[{"name":"t"}]}}""",
        """{"id":"new1","metadata":{"a":"b"},"state":{"p":{"x":1}},"messages":[{"role":"user","content":"hi"}]}""", """{"metadata":{"a":null},"state":{"p":null}}""",
        """{"id":"new2","run":"run_x"}""", """{"type":"session","version":1,"session_id":"new3","state":{},"messages":[{"id":"m","part":"input","message":{"role":"user","contents":[]}}]}""",
        """{"model":"assistant","messages":[{"role":"system","content":"be brief"},{"role":"user","content":[{"type":"text","text":"hi"}]}],"stream":true,"stream_options":{"include_usage":true}}""",
        """{"model":"assistant","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"t","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"x"}],"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object"}}}]}""",
        """{"model":"assistant","input":"hi","stream":true}""", """{"model":"assistant","input":"hi","previous_response_id":"<id>","store":false}""",
        """{"model":"assistant","input":"hi","previous_response_id":"<id>"}""", """{"model":"assistant","input":"hi","conversation":{"id":"<id>"},"background":true}""",
        """{"model":"assistant","input":[{"type":"item_reference","id":"<id>"},{"type":"function_call_output","call_id":"c","output":"x"}],"tools":[{"type":"function","name":"t","strict":null,"parameters":{}}]}""",
        """{"input":[{"role":"user","content":[{"type":"data","media_type":"image/png","data":"eA=="},{"type":"uri","uri":"https://example.com/x.png","media_type":"image/png"}]}]}""",
        """{"input":[{"role":"assistant","content":[{"type":"function_call","call_id":"c","name":"t","arguments":{"a":1}}]},{"role":"tool","content":[{"type":"function_result","call_id":"c","result":{"a":1}}]},{"role":"user","content":"hi"}]}""",
        """{"type":"session","version":1,"session_id":"new4","messages":[{"id":"m","part":"output","message":{"role":"assistant","contents":[{"$type":"functionCall","callId":"c","name":"t","arguments":{"a":1}},{"$type":"data","uri":"data:image/png;base64,eA=="},{"$type":"functionResult","callId":"c","result":1}]}}]}""",
        """{"model":"assistant","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,eA=="}},{"type":"file","file":{"file_id":"f"}}]}]}""",
        """{"model":"assistant","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,eA=="},{"type":"input_file","file_data":"eA=="}]},{"type":"function_call","call_id":"c","name":"t","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"x"}]}""",
        """{"items":[{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]},{"type":"function_call","call_id":"c","name":"t","arguments":"{}"}],"metadata":{"a":"b"}}""",
        "{}", "",
    ];

    /// <summary>A value of a depth around that at which writing, storing and reading JSON may end.</summary>
    private static readonly Gen<string> Deep = Gen.Select(Gen.Int[1, 70], Gen.Bool, Gen.Bool).Select((depth, isList, isText) =>
    {
        var (open, close) = isList ? ("[", "]") : ("{\"a\":", "}");
        var json = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
        return isText ? Quote(json) : json;
    });

    private static readonly Gen<string> AnyBody = Gen.Frequency<string>(
        (2, Gen.Select(Gen.OneOf(Bodies), Gen.Int[0, 400], Deep).Select((body, at, json) => Splice(body, at, json))),
        (3, Gen.OneOf(Bodies)),
        (4, Gen.Select(Gen.OneOf(Bodies), Gen.Int[0, 400], Json).Select((body, at, json) => Splice(body, at, json))),
        (2, Gen.Select(Gen.OneOf(Bodies), Gen.Int[0, 400]).Select((body, at) => body[..Math.Min(at, body.Length)])),
        (2, Json),
        (1, Strange),
        (1, Gen.Int[1, 200].Select(n => new string('[', n * 10))),
        (1, Gen.Select(Gen.OneOf(Bodies), Gen.Int[0, 400], Gen.Int[0, 22]).Select((body, at, n) => Splice(body, at, Quote(new string('z', 1 << n))))));

    /// <param name="endpoints">As <c>GET /v1/sessions/{id}</c>.</param>
    /// <param name="known">Ids of existing things.</param>
    public static Gen<FuzzCall> To(IReadOnlyList<string> endpoints, FuzzIds known)
    {
        var id = Gen.Frequency<string>(
            (6, Gen.Int[0, FuzzIds.Most - 1].Select(known.At)), (4, Gen.OneOf("mine", "other", "new1", "new2", "run_x", "msg_x", "assistant")), (3, Strange));
        var value = Gen.OneOf<string>(id, Strange, Gen.Int[-5, 200].Select(n => $"{n}"), Gen.OneOf("asc", "desc", "true", "false"));
        string[] calls = [.. endpoints, "GET /{any}", "PUT /v1/{any}", "POST /v1/embeddings"];
        var path = Gen.Select(Gen.OneOf(calls), id, id, Fill);
        var query = Gen.Select(
            Gen.Frequency<string>((8, Gen.OneOf("limit", "order", "after", "before", "include_failed", "messages", "stream", "starting_after", "include")), (1, Strange)), value)
            .Select((name, text) => $"{Escape(name)}={Escape(text)}").Array[0, 3].Select(pairs => pairs.Length == 0 ? "" : $"?{string.Join('&', pairs)}");
        var header = Gen.Select(
            Gen.OneOf("Accept", "If-Match", "Last-Event-ID", "Idempotency-Key", "PluginHost-Session", "X-Session-Id", "X-Tenant", "Content-Encoding", "traceparent", "Origin", "Prefer"),
            Gen.OneOf<string>(value, Gen.OneOf("text/event-stream", "*", "\"1\"", "gzip", "application/json;q=0"))).Select((name, text) => (name, Sendable(text)));
        var body = Gen.Select(AnyBody, id, (text, named) => text.Replace(AnId, named, StringComparison.Ordinal));
        var type = Gen.Frequency<string>((9, Gen.Const("application/json")), (1, Gen.OneOf("text/plain", "application/merge-patch+json", "x")));
        return Gen.Select(path, query, body, type, header.Array[0, 2])
            .Select((call, search, text, content, headers) => new FuzzCall(call.Method, call.Path + search, call.Method == "GET" ? null : text, content, headers));
    }

    public override string ToString() => $"{Method} {Target} {ContentType} [{string.Join(", ", Headers)}]\n{(Body?.Length > 4000 ? $"{Body[..4000]}… ({Body.Length} characters)" : Body)}";

    private static (string Method, string Path) Fill(string endpoint, string first, string second)
    {
        var parts = endpoint.Split(' ');
        var ids = new Queue<string>([first, second]);
        return (parts[0], Place().Replace(parts[1], _ => Escape(ids.Dequeue())));
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static string Sendable(string text) => new([.. text.Where(c => c is >= ' ' and <= '~')]);

    /// <summary>Replaces one value of the body.</summary>
    private static string Splice(string body, int at, string json)
    {
        var colons = Enumerable.Range(0, body.Length).Where(i => body[i] == ':').ToList();
        if (colons.Count == 0) return json;
        var start = colons[at % colons.Count] + 1;
        var end = body.IndexOfAny([',', '}', ']'], start);
        return body[..start] + json + (end < 0 ? "" : body[end..]);
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Place();
}
