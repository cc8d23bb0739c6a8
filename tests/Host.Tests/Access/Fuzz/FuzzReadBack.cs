using System.Net;
using System.Text.Json;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Access.Fuzz;

/// <summary>Reads again what an answer of 2xx acknowledged.</summary>
internal sealed class FuzzReadBack(OutcomeHost host, Func<string, HttpRequestMessage> get, CancellationToken cancellationToken)
{
    public async Task ReadAsync(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("object", out var kind) || !answer.TryGetProperty("id", out var id)) return;
        switch (kind.GetString())
        {
            case "session":
                await ReadSessionAsync(id.GetString()!);
                break;
            case "run":
                await ReadRunAsync(id.GetString()!, answer.GetProperty("session_id").GetString()!);
                break;
            case "response" when answer.TryGetProperty("store", out var store) && store.GetBoolean():
                await ReadAsync($"/v1/responses/{id.GetString()}");
                await ReadAsync($"/v1/responses/{id.GetString()}/input_items?limit=100");
                break;
            case "conversation":
                await ReadAsync($"/v1/conversations/{id.GetString()}");
                await ReadAsync($"/v1/conversations/{id.GetString()}/items?limit=100");
                break;
        }
    }

    private async Task ReadSessionAsync(string id)
    {
        await ReadAsync($"/v1/sessions/{id}");
        await ReadAsync($"/v1/sessions/{id}/messages?limit=100");
        await ReadAsync($"/v1/sessions/{id}/export?messages=true");
    }

    /// <summary>The run, and what the history has of it: its input at least.</summary>
    private async Task ReadRunAsync(string id, string session)
    {
        var run = await ReadAsync($"/v1/sessions/{session}/runs/{id}");
        var newest = (await ReadAsync($"/v1/sessions/{session}/messages?limit=100&order=desc&include_failed=true")).GetProperty("data").EnumerateArray().ToList();
        // Messages of a longer run may be on later pages.
        if (newest.Count < 100 && run.GetProperty("status").GetString() is "completed" or "requires_action")
            Assert.Contains(newest, m => m.TryGetProperty("run_id", out var of) && of.GetString() == id);
        await ReadSessionAsync(session);
    }

    private async Task<JsonElement> ReadAsync(string path)
    {
        using var request = get(path);
        using var answer = await host.Http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {path}: {(int)answer.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
