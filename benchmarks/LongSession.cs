using System.Text.Json.Nodes;

namespace PluginHost.Benchmarks;

/// <summary>A session with many messages.</summary>
internal static class LongSession
{
    /// <summary>Imports it into a host.</summary>
    public static async Task ImportAsync(HttpClient http, string session, int messages, CancellationToken cancellationToken)
    {
        var items = Enumerable.Range(0, messages).Select(i => (JsonNode)new JsonObject
        {
            ["id"] = $"m{i}",
            ["part"] = i % 2 == 0 ? "input" : "output",
            ["message"] = new JsonObject
            {
                ["role"] = i % 2 == 0 ? "user" : "assistant",
                ["contents"] = new JsonArray(new JsonObject { ["$type"] = "text", ["text"] = $"Message {i} with **some** words of `Markdown` in it." }),
            },
        });
        var snapshot = new JsonObject
        {
            ["type"] = "session",
            ["version"] = 1,
            ["session_id"] = session,
            ["state"] = new JsonObject(),
            ["metadata"] = new JsonObject(),
            ["messages"] = new JsonArray([.. items]),
        };
        using var answer = await http.PostAsJsonAsync("/v1/sessions/import", snapshot, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellationToken));
    }
}
