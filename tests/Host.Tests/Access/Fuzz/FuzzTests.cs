using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CsCheck;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using PluginHost.Tests.Api;
using PluginHost.Tests.OpenAI;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Access.Fuzz;

/// <summary>
/// Strange requests to every endpoint of a host with its shipped stores and plugins: no 500, no trouble of storage, no hang; what was
/// acknowledged can be read; and only a request that succeeds changes something, in its own tenant. A failure prints its request and
/// seed. <c>PLUGINHOST_FUZZ_SECONDS</c> sets the duration for each store; the default is a few seconds.
/// </summary>
[Trait("Form", "Long")]
public sealed class FuzzTests
{
    private const int LargeBody = 16 * 1024;

    private static readonly string[] Broken = ["storage-unavailable", "storage_unavailable", "\"storage\"", "internal-error", "internal_error"];

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task No_request_breaks_the_host_or_changes_another_tenants_data(string store)
    {
        using var setup = new OutcomeSetup(store)
        {
            Echo = true,
            Before = """{ "Plugin": "redaction" }, { "Plugin": "memory" }, { "Plugin": "witness" }""",
            Keys = [ApiKey.Create("fuzz", "fuzz", true), ApiKey.Create("safe", "safe", false)],
        };
        await using var host = await OutcomeHost.StartAsync(setup);
        var ids = new FuzzIds(await SeedAsync(host, "safe"));
        await SeedAsync(host, "fuzz");
        var safe = await SnapshotAsync(host, "safe");
        Assert.Contains("mine 1", safe, StringComparison.Ordinal);
        var text = Environment.GetEnvironmentVariable("PLUGINHOST_FUZZ_SECONDS");
        var seconds = text is null ? 5 : int.Parse(text, CultureInfo.InvariantCulture);

        await FuzzCall.To(Endpoints(host), ids).SampleAsync(call => CheckAsync(host, call, ids), time: seconds, threads: 1, print: c => c.ToString());

        Assert.Equal(safe, await SnapshotAsync(host, "safe"));
    }

    /// <summary>The mapped endpoints, for example <c>GET /v1/sessions/{id}</c>.</summary>
    private static List<string> Endpoints(OutcomeHost host) =>
    [
        .. host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText}")),
    ];

    /// <summary>A session, a response and a conversation.</summary>
    /// <returns>Their ids.</returns>
    private static async Task<IReadOnlyList<string>> SeedAsync(OutcomeHost host, string key)
    {
        var run = await CreateAsync("/v1/sessions/mine/runs", $$"""{"input":"hello of {{key}}"}""");
        var response = await CreateAsync("/v1/responses", $$"""{"model":"assistant","input":"hello of {{key}}"}""");
        var conversation = await CreateAsync("/v1/conversations", $$"""{"items":[{"role":"user","content":"hello of {{key}}"}]}""");
        return [run.Id(), response.Id(), response.Item(0).Id(), conversation.Id()];

        async Task<JsonElement> CreateAsync(string path, string json)
        {
            using var request = Request(host, "POST", path, key);
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            using var answer = await host.Http.SendAsync(request);
            return await answer.EnsureSuccessStatusCode().JsonAsync();
        }
    }

    private static async Task CheckAsync(OutcomeHost host, FuzzCall call, FuzzIds ids)
    {
        var before = await SnapshotAsync(host, "fuzz");
        using var request = Request(host, call);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var response = await SendAsync(host, request, limit.Token);
        if (response is null) return;
        // The events of the host have no end.
        var isEndless = call.Target.StartsWith("/v1/events", StringComparison.Ordinal) && response.IsSuccessStatusCode;
        var body = isEndless ? "" : await response.Content.ReadAsStringAsync(limit.Token);
        var status = (int)response.StatusCode;
        var json = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" ? JsonElement.Parse(body) : default;

        Assert.False(status == 500 || status is < 200 or > 599, $"{status} {body}");
        Assert.DoesNotContain("of safe", body, StringComparison.Ordinal);
        if (call.Target != "/openapi/v1.json") Assert.All(Broken, b => Assert.DoesNotContain(b, body, StringComparison.Ordinal));
        // Work in the background belongs to this request, not to the next.
        while (host.Services.GetRequiredService<LiveRuns>().Active > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        if (status < 400) ids.Learn(json);
        else if (body.Length > 0) AssertIsError(call, json, body);
        if (status >= 400 || call.Method == "GET") Assert.Equal(before, await SnapshotAsync(host, "fuzz"));
        else await new FuzzReadBack(host, path => Request(host, "GET", path, "fuzz"), limit.Token).ReadAsync(json);
    }

    /// <returns>Null when the server refused a large body unread, which may break the connection before its answer arrives.</returns>
    private static async Task<HttpResponseMessage?> SendAsync(OutcomeHost host, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException) when (request.Content?.Headers.ContentLength > LargeBody)
        {
            return null;
        }
    }

    /// <summary>A problem document; at the paths of other interfaces' clients an error in their form, and at those of the console a page.</summary>
    private static void AssertIsError(FuzzCall call, JsonElement json, string body)
    {
        if (json.ValueKind == JsonValueKind.Undefined && call.Target.StartsWith("/console", StringComparison.Ordinal))
        {
            Assert.StartsWith("<!DOCTYPE html>", body, StringComparison.Ordinal);
            return;
        }

        Assert.True(json.ValueKind == JsonValueKind.Object, $"{call.Target}: {body}");
        if (!json.TryGetProperty("error", out var error)) Assert.StartsWith("/problems/", json.GetProperty("type").GetString());
        else if (!json.TryGetProperty("type", out _)) Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(m => m.Name));
    }

    private static HttpRequestMessage Request(OutcomeHost host, FuzzCall call)
    {
        var request = Request(host, call.Method, call.Target, "fuzz");
        if (call.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body));
            // The server closes the connection when it refuses a large body unread; the next call must not meet that.
            request.Headers.ConnectionClose = call.Body.Length > LargeBody;
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(call.ContentType, out var type) ? type : null;
        }

        foreach (var (name, value) in call.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static HttpRequestMessage Request(OutcomeHost host, string method, string target, string key)
    {
        // Unchanged, because a client that resolves dots would send another path.
        var uri = new Uri(host.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(method), uri);
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        return request;
    }

    /// <summary>The stored sessions of a tenant with their content.</summary>
    private static async Task<string> SnapshotAsync(OutcomeHost host, string tenant)
    {
        var store = host.Services.GetRequiredService<ChainHolder>().Current.Store;
        var page = await store.FindSessionsAsync(new SessionQuery { Tenant = tenant, Limit = 1_000_000 }, CancellationToken.None);
        return string.Join('\n', page.Items.Select(s => $"{s.Key.Id} {s.Version} {s.LastRunId} {string.Join(',', s.Metadata)} {string.Join(',', s.State)}"));
    }
}
