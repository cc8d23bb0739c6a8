using CsCheck;

namespace PluginHost.Tests.Access.Fuzz;

/// <summary>A request as a stranger might send it: mostly right, somewhere wrong.</summary>
internal sealed record FuzzCall(string Method, string Target, string? Body, string ContentType, IReadOnlyList<(string Name, string Value)> Headers)
{
    private static readonly Gen<string> Strange = Gen.OneOf<string>(
        Gen.OneOf(
            "", ".", "..", "../../etc/passwd", "a/b", "a\\b", "'; DROP TABLE sessions; --", "\" OR 1=1", "%", "%00", "\0", "\r\nX: y", "\n", "\u001b[2J",
            "\u202egnp", "s\u0131", "\u0455", "日本", "👩‍👩‍👧", "\ud800", "null", "true", "-1", "1e999", "{}", "NaN", "C:\\x", "NUL", "~", new string('x', 129),
            new string('y', 3000)),
        Gen.String[0, 40]);

    private static readonly Gen<string> Id = Gen.Frequency<string>(
        (6, Gen.OneOf("mine", "other", "new1", "new2", "run_x", "msg_x", "x")), (3, Strange));

    private static readonly Gen<string> Value = Gen.OneOf<string>(Id, Strange, Gen.Int[-5, 200].Select(n => $"{n}"), Gen.OneOf("asc", "desc", "true", "false"));

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
            "session_id", "version", "part", "message", "model", "previous_response_id", "conversation", "instructions", "items", "store")),
        (1, Strange));

    private static readonly string[] Bodies =
    [
        """{"input":"hello"}""", """{"input":"hello","stream":true}""", """{"input":"hello","background":true,"metadata":{"a":"b"}}""",
        """{"agent":"assistant","input":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"options":{"temperature":1,"tools":[{"name":"t"}]}}""",
        """{"id":"new1","metadata":{"a":"b"},"state":{"p":{"x":1}},"messages":[{"role":"user","content":"hi"}]}""", """{"metadata":{"a":null},"state":{"p":null}}""",
        """{"id":"new2","run":"run_x"}""", """{"type":"session","version":1,"session_id":"new3","state":{},"messages":[{"id":"m","part":"input","message":{"role":"user","contents":[]}}]}""",
        """{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""", """{"model":"assistant","input":"hi","stream":true}""", "{}", "",
    ];

    private static readonly Gen<string> AnyBody = Gen.Frequency<string>(
        (3, Gen.OneOf(Bodies)),
        (4, Gen.Select(Gen.OneOf(Bodies), Gen.Int[0, 400], Json).Select((body, at, json) => Splice(body, at, json))),
        (2, Gen.Select(Gen.OneOf(Bodies), Gen.Int[0, 400]).Select((body, at) => body[..Math.Min(at, body.Length)])),
        (2, Json),
        (1, Strange),
        (1, Gen.Int[1, 200].Select(n => new string('[', n * 10))));

    private static readonly Gen<(string Method, string Path)> Path = Gen.Select(
        Gen.OneOf(
            "GET /v1/sessions", "POST /v1/sessions", "GET /v1/sessions/{}", "PATCH /v1/sessions/{}", "DELETE /v1/sessions/{}", "GET /v1/sessions/{}/messages",
            "POST /v1/sessions/{}/runs", "POST /v1/sessions/{}/runs", "POST /v1/runs", "GET /v1/sessions/{}/runs", "GET /v1/sessions/{}/runs/{}",
            "GET /v1/sessions/{}/runs/{}/events", "GET /v1/sessions/{}/runs/{}/trace", "POST /v1/sessions/{}/runs/{}/cancel", "POST /v1/sessions/{}/fork", "GET /v1/sessions/{}/export",
            "POST /v1/sessions/import", "GET /v1/agents", "GET /v1/agents/{}", "GET /v1/plugins", "POST /v1/reload", "GET /openapi/v1.json", "GET /{}", "PUT /v1/{}",
            "POST /v1/chat/completions", "POST /v1/responses", "GET /v1/responses/{}", "POST /v1/conversations", "GET /v1/conversations/{}/items", "GET /v1/models/{}"),
        Id, Id).Select((call, a, b) => Fill(call, a, b));

    private static readonly Gen<string> Query = Gen.Select(
        Gen.Frequency<string>((8, Gen.OneOf("limit", "order", "after", "before", "include_failed", "messages")), (1, Strange)), Value)
        .Select((name, value) => $"{Escape(name)}={Escape(value)}").Array[0, 3].Select(pairs => pairs.Length == 0 ? "" : $"?{string.Join('&', pairs)}");

    private static readonly Gen<(string, string)> Header = Gen.Select(
        Gen.OneOf("Accept", "If-Match", "Last-Event-ID", "Idempotency-Key", "X-Tenant", "Content-Encoding", "traceparent", "Origin", "Prefer"),
        Gen.OneOf<string>(Value, Gen.OneOf("text/event-stream", "*", "\"1\"", "gzip", "application/json;q=0"))).Select((name, value) => (name, Sendable(value)));

    public static Gen<FuzzCall> All { get; } = Gen.Select(
        Path, Query, AnyBody, Gen.Frequency<string>((9, Gen.Const("application/json")), (1, Gen.OneOf("text/plain", "application/merge-patch+json", "x"))), Header.Array[0, 2])
        .Select((path, query, body, type, headers) => new FuzzCall(path.Method, path.Path + query, path.Method == "GET" ? null : body, type, headers));

    public override string ToString() => $"{Method} {Target} {ContentType} [{string.Join(", ", Headers)}]\n{Body}";

    private static (string, string) Fill(string call, string a, string b)
    {
        var parts = call.Split(' ');
        var first = parts[1].IndexOf("{}", StringComparison.Ordinal);
        if (first < 0) return (parts[0], parts[1]);
        var filled = parts[1][..first] + Escape(a) + parts[1][(first + 2)..];
        return (parts[0], filled.Replace("{}", Escape(b), StringComparison.Ordinal));
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static string Sendable(string text) => new([.. text.Where(c => c is >= ' ' and <= '~')]);

    /// <summary>Puts a value in the place of one of the body's.</summary>
    private static string Splice(string body, int at, string json)
    {
        var colons = Enumerable.Range(0, body.Length).Where(i => body[i] == ':').ToList();
        if (colons.Count == 0) return json;
        var start = colons[at % colons.Count] + 1;
        var end = body.IndexOfAny([',', '}', ']'], start);
        return body[..start] + json + (end < 0 ? "" : body[end..]);
    }
}
