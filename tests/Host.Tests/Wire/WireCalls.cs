using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Api;
using PluginHost.Tests.OpenAI;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>Calls a host as clients do, and reads what its model's server received.</summary>
internal static class WireCalls
{
    public static readonly string Memory = """{ "Plugin": "memory" }""";

    /// <summary>Every server that insists on what it said, with each of the values, streamed and not.</summary>
    public static TheoryData<string, T, bool> ToolDialects<T>(params T[] values)
    {
        var cases = new TheoryData<string, T, bool>();
        foreach (var dialect in (string[])[nameof(DeepSeek), nameof(Kimi), nameof(Gemini), nameof(Ollama), nameof(Mistral), nameof(LlamaCpp)])
        {
            foreach (var value in values)
            {
                cases.Add(dialect, value, true);
                cases.Add(dialect, value, false);
            }
        }

        return cases;
    }

    /// <summary>The dialects of chat completions.</summary>
    public static IDialect Dialect(string name) =>
        (IDialect)Activator.CreateInstance(typeof(IDialect).Assembly.GetTypes().Single(t => t.Name == name && typeof(IDialect).IsAssignableFrom(t)))!;

    /// <summary>A run of the native interface, to its end; it has to be completed.</summary>
    public static async Task RunAsync(this OutcomeHost host, string session, string input, bool streamed)
    {
        if (!streamed)
        {
            var run = await host.RunAsync(session, input);
            Assert.True(run.Status == 200, run.Json.ToString());
            Assert.Equal("completed", run.Json.GetProperty("status").GetString());
            return;
        }

        using var events = await host.StreamAsync(session, input);
        var last = (await events.RestAsync())[^1];
        Assert.True(last.Name == "run.completed", last.Data.ToString());
    }

    /// <summary>The message of a chat completion with a tool of the caller, put together as clients do.</summary>
    public static async Task<JsonObject> ChatAsync(this OutcomeHost host, JsonArray messages, bool streamed, string? session = null)
    {
        var body = new JsonObject
        {
            ["messages"] = messages.DeepClone(),
            ["stream"] = streamed,
            ["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{}}}}]"""),
        };
        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", body.ToJsonString(), session is null ? [] : [("PluginHost-Session", session)]);
        Assert.True(status == 200, text);
        return streamed ? ChatStream.Join(text) : (JsonObject)JsonNode.Parse(text)!["choices"]![0]!["message"]!;
    }

    /// <summary>A response; of a stream, the last event, whose items are checked to be those of the events before.</summary>
    public static async Task<JsonNode> RespondAsync(OutcomeHost host, bool streamed, string body)
    {
        var (status, text, _) = await host.PostTextAsync("/v1/responses", streamed ? body[..^1] + ",\"stream\":true}" : body);
        Assert.True(status == 200, text);
        if (!streamed) return JsonNode.Parse(text)!;
        var events = ResponsesClient.EventsIn(text);
        Assert.Equal("response.completed", events[^1].Text("type"));
        var whole = JsonNode.Parse(events[^1].GetProperty("response").GetRawText())!;
        var done = events.Where(e => e.Text("type") == "response.output_item.done").Select(e => e.GetProperty("item").GetRawText());
        Assert.Equal(whole["output"]!.AsArray().Select(i => i!.ToJsonString()), done.Select(i => JsonNode.Parse(i)!.ToJsonString()));
        return whole;
    }

    /// <summary>Posts a body as it is.</summary>
    public static async Task<(int Status, string Text, HttpResponseMessage Response)> PostTextAsync(this OutcomeHost host, string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        var response = await host.Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    /// <summary>The answer to a body; it has to be 200.</summary>
    public static async Task<JsonNode> AskAsync(this OutcomeHost host, string path, string body)
    {
        var (status, text, _) = await host.PostTextAsync(path, body);
        Assert.True(status == 200, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>The messages of a chat request without instructions, each as its text.</summary>
    public static string[] Spoken(this WireRequest request) =>
        [.. request.Messages.Where(m => (string?)m["role"] != "system").Select(m => m.ToJsonString(Plain))];

    /// <summary>Whether a request begins with all that another one had: what was said stays as it was said.</summary>
    public static void Continues(this WireRequest later, WireRequest earlier)
    {
        var (before, after) = (earlier.Spoken(), later.Spoken());
        Assert.Equal(before, after.Take(before.Length));
    }

    public static void Same(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, got {actual?.ToJsonString()}");

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
