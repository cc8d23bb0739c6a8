using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Retention;
using PluginHost.Hosting;
using PluginHost.ModelServer;
using PluginHost.Sdk;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Outcomes;

/// <summary>
/// The host as it is put together, with the plugins as they are shipped and the fixtures beside them, on a real socket, with its
/// stores in a folder and a model server on loopback. Only the process is not its own.
/// </summary>
internal sealed class OutcomeHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _ownsModel;

    private OutcomeHost(WebApplication app, FakeModel model, bool ownsModel, LogLines log)
    {
        _app = app;
        _ownsModel = ownsModel;
        Model = model;
        Log = log;
        Http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>What it started with.</summary>
    public required HostSetup Setup { get; init; }

    public HttpClient Http { get; }

    public FakeModel Model { get; }

    public LogLines Log { get; }

    public static async Task<OutcomeHost> StartAsync(OutcomeSetup setup, FakeModel? model = null, TimeProvider? time = null)
    {
        var ownsModel = model is null;
        model ??= await FakeModel.StartAsync();
        return await StartAsync(setup, model, ownsModel, model.Endpoint, time);
    }

    /// <summary>On a server with a dialect.</summary>
    public static Task<OutcomeHost> StartAsync(OutcomeSetup setup, WireServer server) => StartAsync(setup, model: null!, ownsModel: false, server.Endpoint, time: null);

    /// <summary>On a server of a plugin's chat client.</summary>
    public static Task<OutcomeHost> StartAsync(OutcomeSetup setup, string endpoint) => StartAsync(setup, model: null!, ownsModel: false, endpoint, time: null);

    private static async Task<OutcomeHost> StartAsync(OutcomeSetup setup, FakeModel model, bool ownsModel, string endpoint, TimeProvider? time)
    {
        var file = setup.Write(endpoint);
        HostSetup LoadFrom(string other, string? text = null) => HostSetup.Load(other, setup.Environment, [], new HostPaths(setup.Folder.Path, OutcomeSetup.HostFolder), text: text);
        var loaded = LoadFrom(file);
        Assert.Empty(loaded.Errors);
        var app = HostComposition.Build(
            loaded, () => LoadFrom(file), time: time ?? setup.Time, loadOther: other => LoadFrom(other), check: text => LoadFrom(file, text));
        var log = new LogLines();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await app.Services.GetRequiredService<HostRuntime>().StartAsync(default);
        await app.StartAsync();
        return new OutcomeHost(app, model, ownsModel, log) { Setup = loaded };
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Answer> PostAsync(string path, JsonNode? body = null, string? key = null) => SendAsync(Post(path, body, key));

    public Task<Answer> SendAsync(HttpMethod method, string path) => SendAsync(new HttpRequestMessage(method, path));

    /// <summary>Runs the agent on a session.</summary>
    public Task<Answer> RunAsync(string session, JsonNode input, string? key = null) =>
        PostAsync($"/v1/sessions/{session}/runs", new JsonObject { ["input"] = input.DeepClone() }, key);

    /// <summary>Runs the agent, streamed or not, and returns the run that ended.</summary>
    public async Task<JsonElement> RunToEndAsync(string session, string input, bool streamed)
    {
        if (!streamed) return (await RunAsync(session, input)).Json;
        using var events = await StreamAsync(session, input);
        return (await events.RestAsync())[^1].Data;
    }

    /// <summary>Runs the agent on eight messages of 4,000 characters each. Each run completes.</summary>
    public async Task OutgrowModelAsync(string session)
    {
        for (var i = 0; i < 8; i++)
        {
            var answer = await RunAsync(session, $"{i} {string.Concat(Enumerable.Repeat("many words of one message ", 150))}");
            Assert.Equal("completed", answer.Run("status"));
        }
    }

    /// <summary>Begins a run whose caller does not wait, and returns its id.</summary>
    public async Task<string> BeginAsync(string session, string input) =>
        (await PostAsync($"/v1/sessions/{session}/runs", new JsonObject { ["input"] = input, ["background"] = true })).Run("id", 202);

    /// <summary>Runs the agent, streamed.</summary>
    public async Task<EventReader> StreamAsync(string session, string input, string? key = null, CancellationToken cancellationToken = default)
    {
        var body = new JsonObject { ["input"] = input, ["stream"] = true };
        return await EventReader.OpenAsync(Http, Post($"/v1/sessions/{session}/runs", body, key), cancellationToken);
    }

    public Task<EventReader> AttachAsync(string session, string run, string? lastSeen = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/{session}/runs/{run}/events");
        if (lastSeen is not null) request.Headers.Add("Last-Event-ID", lastSeen);
        return EventReader.OpenAsync(Http, request, default);
    }

    public Task<Answer> CancelAsync(string session, string run) => PostAsync($"/v1/sessions/{session}/runs/{run}/cancel");

    /// <summary>The run when it has ended: by its last event.</summary>
    public async Task<JsonElement> EndOfAsync(string session, string run)
    {
        using var events = await AttachAsync(session, run);
        return (await events.RestAsync())[^1].Data;
    }

    /// <summary>The ids of the runs that are queued or running, when there are so many.</summary>
    public async Task<IReadOnlyList<string>> LiveAsync(string session, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var live = _app.Services.GetRequiredService<LiveRuns>();
        while (true)
        {
            var runs = live.InSession(new SessionKey("default", session)).Where(r => !r.Completion.IsCompleted).Select(r => r.Record.Id).ToList();
            if (runs.Count == count) return runs;
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>What is stored of a session: <c>role: text</c>, and the outcome unless it is completed.</summary>
    public async Task<IReadOnlyList<string>> StoredAsync(string session, bool includeFailed = false)
    {
        var answer = await GetAsync($"/v1/sessions/{session}/messages?limit=100{(includeFailed ? "&include_failed=true" : "")}");
        return [.. answer.Json.GetProperty("data").EnumerateArray().Select(OutcomeText.Describe)];
    }

    /// <summary>What the model was sent in one request: <c>role: text</c>, without the instructions.</summary>
    public IReadOnlyList<string> Sent(int request) =>
        [.. Model.Requests[request].Body["messages"]!.AsArray().Where(m => (string)m!["role"]! != "system").Select(m => OutcomeText.OfSent(m!))];

    /// <summary>Deletes the sessions that are idle now.</summary>
    public Task PassRetentionAsync() => _app.Services.GetRequiredService<SessionRetention>().PassAsync(default);

    /// <summary>Stops it as SIGTERM does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsModel) await Model.DisposeAsync();
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Http.SendAsync(request);
            return await Answer.OfAsync(response);
        }
    }

    private static JsonSerializerOptions Deep { get; } = new() { MaxDepth = 200 };

    private static HttpRequestMessage Post(string path, JsonNode? body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(Deep), Encoding.UTF8, "application/json");
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return request;
    }
}

/// <summary>An answer, read to its end.</summary>
/// <param name="Status">The status.</param>
/// <param name="Json">The body.</param>
/// <param name="Replayed">Whether it says that it comes from an earlier request.</param>
/// <param name="RetryAfter">Whether it says when to try again.</param>
internal sealed record Answer(int Status, JsonElement Json, bool Replayed, bool RetryAfter)
{
    public static async Task<Answer> OfAsync(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return new Answer(
            (int)response.StatusCode,
            JsonElement.Parse(bytes, new JsonDocumentOptions { MaxDepth = 200 }),
            response.Headers.Contains("Idempotency-Replayed"),
            response.Headers.RetryAfter is not null);
    }

    /// <summary>A member of the run, or of the problem, that the answer is.</summary>
    public string Run(string member, int status = 200)
    {
        Assert.True(Status == status, $"{Status}: {Json}");
        return Json.GetProperty(member).ToString();
    }

    public void IsProblem(int status, string slug) => Assert.Equal((status, $"/problems/{slug}"), (Status, Json.GetProperty("type").GetString()));
}

/// <summary>Reads an event stream one event at a time.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<(string? Id, string Name, JsonElement Data)> _events;

    private EventReader(HttpResponseMessage response)
    {
        _response = response;
        _events = StreamingTests.ReadAsync(response).GetAsyncEnumerator();
    }

    public bool IsReplayed => _response.Headers.Contains("Idempotency-Replayed");

    public static async Task<EventReader> OpenAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
        return new EventReader(response);
    }

    public async Task<(string? Id, string Name, JsonElement Data)> NextAsync()
    {
        Assert.True(await _events.MoveNextAsync(), "The stream ended.");
        return _events.Current;
    }

    public async Task<IReadOnlyList<(string? Id, string Name, JsonElement Data)>> RestAsync()
    {
        var rest = new List<(string? Id, string Name, JsonElement Data)>();
        while (await _events.MoveNextAsync()) rest.Add(_events.Current);
        return rest;
    }

    /// <summary>Ends the connection, whatever is still to come.</summary>
    public void Dispose() => _response.Dispose();
}

internal static class OutcomeText
{
    public static string Describe(JsonElement message)
    {
        var content = string.Concat(message.GetProperty("content").EnumerateArray().Select(OfPart));
        var outcome = message.TryGetProperty("outcome", out var o) ? $" ({o})" : "";
        return $"{message.GetProperty("role").GetString()}: {content}{outcome}";
    }

    public static string OfSent(JsonNode message)
    {
        var calls = message["tool_calls"] is JsonArray list ? string.Concat(list.Select(c => $"[call {c!["id"]}]")) : "";
        var result = message["tool_call_id"] is { } id ? $"[result {id}]" : "";
        var text = message["content"] switch
        {
            JsonArray parts => string.Concat(parts.Select(p => (string?)p!["text"])),
            JsonValue value => (string?)value,
            _ => null,
        };
        return $"{(string?)message["role"]}: {calls}{result}{text}";
    }

    private static string OfPart(JsonElement part) => part.GetProperty("type").GetString() switch
    {
        "text" => part.GetProperty("text").GetString()!,
        "function_call" => $"[call {part.GetProperty("call_id").GetString()}]",
        "function_result" => $"[result {part.GetProperty("call_id").GetString()}: {part.GetProperty("result")}]",
        var other => $"[{other}]",
    };
}
