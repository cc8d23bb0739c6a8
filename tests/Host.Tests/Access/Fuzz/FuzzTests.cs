using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CsCheck;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;
using PluginHost.Tests.OpenAI;

namespace PluginHost.Tests.Access.Fuzz;

/// <summary>
/// Strange requests to every endpoint: no 500, no hang, and only a request that succeeds changes something, in its own tenant. A
/// failure prints its request and seed. <c>PLUGINHOST_FUZZ_SECONDS</c> sets the duration; the default is a few seconds.
/// </summary>
public sealed class FuzzTests
{
    private static readonly ServerConfiguration Server = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create("fuzz", "fuzz", true), ApiKey.Create("safe", "safe", false)],
    };

    [Fact]
    public async Task No_request_breaks_the_host_or_changes_another_tenants_data()
    {
        var store = new InMemorySessions();
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), [], store: store);
        await using var host = await ApiHost.StartAsync(Server, s => s.AddSingleton(engine.Engine).AddSingleton(engine.Sessions));
        var ids = new FuzzIds(await SeedAsync(host, "safe"));
        await SeedAsync(host, "fuzz");
        var safe = await SnapshotAsync(store, "safe");
        Assert.Contains("mine 1", safe, StringComparison.Ordinal);
        var text = Environment.GetEnvironmentVariable("PLUGINHOST_FUZZ_SECONDS");
        var seconds = text is null ? 5 : int.Parse(text, CultureInfo.InvariantCulture);

        await FuzzCall.To(host.Endpoints, ids).SampleAsync(call => CheckAsync(host, engine, call, ids), time: seconds, threads: 1, print: c => c.ToString());

        Assert.Equal(safe, await SnapshotAsync(store, "safe"));
    }

    /// <summary>A session, a response and a conversation.</summary>
    /// <returns>Their ids.</returns>
    private static async Task<IReadOnlyList<string>> SeedAsync(ApiHost host, string key)
    {
        var run = await CreateAsync("/v1/sessions/mine/runs", $$"""{"input":"hello of {{key}}"}""");
        var response = await CreateAsync("/v1/responses", $$"""{"model":"assistant","input":"hello of {{key}}"}""");
        var conversation = await CreateAsync("/v1/conversations", $$"""{"items":[{"role":"user","content":"hello of {{key}}"}]}""");
        return [run.Id(), response.Id(), response.Item(0).Id(), conversation.Id()];

        async Task<JsonElement> CreateAsync(string path, string json)
        {
            using var answer = await host.PostAsync(path, key, json);
            return await answer.EnsureSuccessStatusCode().JsonAsync();
        }
    }

    private static async Task CheckAsync(ApiHost host, TestEngine engine, FuzzCall call, FuzzIds ids)
    {
        var before = await SnapshotAsync(engine.Store, "fuzz");
        using var request = Request(host, call);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var response = await host.Http.SendAsync(request, limit.Token);
        var body = await response.Content.ReadAsStringAsync(limit.Token);
        var status = (int)response.StatusCode;
        var json = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" ? JsonElement.Parse(body) : default;

        Assert.False(status == 500 || status is < 200 or > 599, $"{status} {body}");
        Assert.DoesNotContain("of safe", body, StringComparison.Ordinal);
        // Work in the background belongs to this request, not to the next.
        while (engine.Live.Active > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        if (status < 400) ids.Learn(json);
        else if (body.Length > 0) AssertIsError(call, json, body);
        if (status >= 400 || call.Method == "GET") Assert.Equal(before, await SnapshotAsync(engine.Store, "fuzz"));
    }

    /// <summary>A problem document, or at the paths of OpenAI's and Anthropic's clients an error in their form.</summary>
    private static void AssertIsError(FuzzCall call, JsonElement json, string body)
    {
        Assert.True(json.ValueKind == JsonValueKind.Object, $"{call.Target}: {body}");
        string[] names = call.Target.StartsWith("/v1/messages", StringComparison.Ordinal) ? ["type", "message"] : ["message", "type", "param", "code"];
        if (json.TryGetProperty("error", out var error)) Assert.Equal(names, error.EnumerateObject().Select(m => m.Name));
        else Assert.StartsWith("/problems/", json.GetProperty("type").GetString());
    }

    private static HttpRequestMessage Request(ApiHost host, FuzzCall call)
    {
        // Unchanged, because a client that resolves dots would send another path.
        var uri = new Uri(host.Address + call.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(call.Method), uri);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer fuzz");
        if (call.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(call.ContentType, out var type) ? type : null;
        }

        foreach (var (name, value) in call.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>The stored sessions of a tenant with their content.</summary>
    private static async Task<string> SnapshotAsync(ISessionStore store, string tenant)
    {
        var page = await store.FindSessionsAsync(new SessionQuery(tenant) { Limit = int.MaxValue - 1 }, CancellationToken.None);
        var runs = await store.FindRunsAsync(new RunQuery(tenant) { Limit = int.MaxValue - 1 }, CancellationToken.None);
        return string.Join('\n', page.Items.Select(s => $"{s.Key.Id} {s.Version} {string.Join(',', s.Metadata)} {string.Join(',', s.State)}"))
            + string.Join('\n', runs.Items.Select(r => $"{r.Session.Id} {r.Id} {r.Status}"));
    }
}
