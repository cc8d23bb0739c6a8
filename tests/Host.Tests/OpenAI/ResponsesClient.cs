using System.Net;
using System.Text.Json;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.OpenAI;

/// <summary>Calls responses and conversations as clients do, and reads the answers.</summary>
internal static class ResponsesClient
{
    public static async Task<JsonElement> CallAsync(this ApiHost host, string method, string path, string? json = null, int status = 200)
    {
        var answer = await host.SendAsync(new HttpMethod(method), path, json);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    public static Task<JsonElement> RespondAsync(this ApiHost host, string json) => host.CallAsync("POST", "/v1/responses", json);

    public static async Task<JsonElement> RefusedAsync(this ApiHost host, string method, string path, string? json, int status, string? code, string? param)
    {
        var error = (await host.CallAsync(method, path, json, status)).GetProperty("error");
        Assert.Equal((code, param), (error.Text("code"), error.Text("param")));
        Assert.NotEqual("", error.Text("message"));
        Assert.NotEqual("", error.Text("type"));
        return error;
    }

    /// <summary>The events of a stream; each is checked to be well formed and to have the next number.</summary>
    public static async Task<List<JsonElement>> StreamAsync(this ApiHost host, string method, string path, string? json = null, long first = 0)
    {
        var answer = await host.SendAsync(new HttpMethod(method), path, json);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return EventsIn(text, first);
    }

    public static List<JsonElement> EventsIn(string text, long first = 0)
    {
        var events = new List<JsonElement>();
        foreach (var frame in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(f => !f.StartsWith(':')))
        {
            var lines = frame.Split('\n');
            Assert.Equal(2, lines.Length);
            var data = JsonElement.Parse(lines[1]["data: ".Length..]);
            Assert.Equal(lines[0], $"event: {data.Text("type")}");
            Assert.Equal(first + events.Count, data.GetProperty("sequence_number").GetInt64());
            events.Add(data);
        }

        return events;
    }

    public static IEnumerable<string?> Types(this IEnumerable<JsonElement> events) => events.Select(e => e.Text("type"));

    public static string Id(this JsonElement json) => json.Text("id")!;

    public static JsonElement Item(this JsonElement response, int index) => response.GetProperty("output")[index];

    /// <summary>The text of a response's first item.</summary>
    public static string? OutputText(this JsonElement response) => response.Item(0).GetProperty("content")[0].Text("text");

    /// <summary>A list of items as <c>role: text</c>, <c>call name</c> and <c>output text</c>.</summary>
    public static IEnumerable<string> Described(this JsonElement list) => list.GetProperty("data").EnumerateArray().Select(Describe);

    private static string Describe(JsonElement item) => item.Text("type") switch
    {
        "message" => $"{item.Text("role")}: {string.Concat(item.GetProperty("content").EnumerateArray().Select(p => p.TryGetProperty("text", out var text) ? text.GetString() : p.Text("type")))}",
        "function_call" => $"call {item.Text("name")}",
        "function_call_output" => $"output {item.GetProperty("output")}",
        var other => other!,
    };
}
