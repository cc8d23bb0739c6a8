using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Anthropic;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Http;
using PluginHost.ModelClients;
using PluginHost.Native;
using PluginHost.OpenAI;
using PluginHost.Tests.Engine;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Api;

/// <summary>The API on a real loopback socket.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private static readonly Lazy<PluginCatalog> Shipped = new(static () => PluginCatalog.Discover([Path.Combine(OutcomeSetup.HostFolder, "plugins")]));

    private readonly WebApplication _app;
    private readonly TestEngine _engine;

    private ApiHost(WebApplication app, TestEngine engine, LogLines log)
    {
        _app = app;
        _engine = engine;
        Log = log;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient { BaseAddress = new Uri(Address.StartsWith("http://unix:", StringComparison.Ordinal) ? "http://localhost" : Address) };
    }

    public string Address { get; }

    public HttpClient Http { get; }

    public TestEngine Engine => _engine;

    public IServiceProvider Services => _app.Services;

    public LogLines Log { get; }

    /// <summary>The mapped endpoints, for example <c>GET /v1/sessions/{id}</c>.</summary>
    public IReadOnlyList<string> Endpoints =>
    [
        .. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText}")),
    ];

    /// <summary>An agent on a scripted model.</summary>
    public static Task<ApiHost> StartAsync(IChatClient model, SessionsConfiguration? sessions = null) =>
        StartAsync(server: null, configure: null, model, sessions);

    public static async Task<ApiHost> StartAsync(
        ServerConfiguration? server = null,
        Action<IServiceCollection>? configure = null,
        IChatClient? model = null,
        SessionsConfiguration? sessions = null,
        Func<HostSetup>? load = null,
        AgentConfiguration? agent = null,
        IReadOnlyList<PluginInstance>? plugins = null)
    {
        var log = new LogLines();
        var engine = new TestEngine(model ?? ScriptedModel.Saying("hello"), plugins ?? [], sessions, agent: agent);
        var configuration = new HostConfiguration { Server = server ?? new ServerConfiguration { Listen = ["http://127.0.0.1:0"] } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information);
        builder.Services.AddSingleton(CreateRuntime(engine, load));
        builder.Services.AddSingleton(new KeptTraces(0));
        builder.Services.AddSingleton(engine.Chains);
        builder.Services.AddSingleton(engine.Engine);
        builder.Services.AddSingleton(engine.Sessions);
        builder.Services.AddSingleton(engine.Readiness);
        configure?.Invoke(builder.Services);
        builder.Services.AddHttp(configuration).AddNativeApi().AddOpenAI().AddAnthropic();
        var app = builder.Build();
        app.UseHttp();
        app.MapNativeApi();
        app.MapOpenAI();
        app.MapAnthropic();
        await app.StartAsync();
        return new ApiHost(app, engine, log);
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        return Http.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await _engine.DisposeAsync();
    }

    /// <summary>A good setup with the shipped plugins, and an agent on the echo model for each name.</summary>
    public static HostSetup Setup(params IEnumerable<string> agents)
    {
        var configuration = new HostConfiguration { Agents = agents.ToDictionary(name => name, name => new AgentConfiguration(name) { Model = new() { Client = "echo" } }) };
        return new HostSetup(new(configuration, [], File: null), Shipped.Value, []);
    }

    private static HostRuntime CreateRuntime(TestEngine engine, Func<HostSetup>? load)
    {
        var activator = new PluginActivator(new PluginServices(_ => throw new NotSupportedException(), engine.Caller));
        var clients = new ChatClients(new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System));
        var factory = new ChainSetFactory(activator, clients, engine.Caller, NullLoggerFactory.Instance);
        return new HostRuntime(Setup(), load ?? (() => Setup("assistant")), _ => { }, factory, engine.Chains, engine.Engine, engine.Hosts, engine.Caller, NullLogger<HostRuntime>.Instance);
    }
}

/// <summary>The lines that the host logged.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, string Text, Exception? Exception)> _lines = [];
    private TaskCompletionSource _logged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<(LogLevel Level, string Text, Exception? Exception)> Of(string part) =>
        [.. _lines.Where(l => l.Text.Contains(part)).Select(l => (l.Level, l.Text, l.Exception))];

    /// <summary>Waits until there is a line with this part.</summary>
    public async Task WaitForAsync(string part)
    {
        while (true)
        {
            var logged = Volatile.Read(ref _logged).Task;
            if (Of(part).Count > 0) return;
            await logged.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>The lines of a category.</summary>
    public IReadOnlyList<(LogLevel Level, string Text, Exception? Exception)> In(string category) =>
        [.. _lines.Where(l => l.Category == category).Select(l => (l.Level, l.Text, l.Exception))];

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    private sealed class Category(LogLines lines, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add((name, logLevel, formatter(state, exception), exception));
    }

    private void Add((string Category, LogLevel Level, string Text, Exception? Exception) line)
    {
        _lines.Enqueue(line);
        Interlocked.Exchange(ref _logged, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public void Dispose()
    {
    }
}

/// <summary>Reads answers.</summary>
internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());

    public static string? Text(this JsonElement json, string name) => json.GetProperty(name).GetString();

    /// <summary>Checks that the answer is a problem of this type, and returns its document.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, int status, string slug)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonElement.Parse(text);
        Assert.Equal($"/problems/{slug}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        return problem;
    }

    public static IReadOnlyList<string> Paths(this JsonElement problem) =>
        [.. problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString()!)];
}
