using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Tests.Api;
using PluginHost.Tests.Plugins;

namespace PluginHost.Tests.Outcomes;

/// <summary>What a plugin throws, from every method: operators find its text in the log, callers and models do not see it.</summary>
public sealed class ErrorTextTests
{
    private const string Hidden = "canary-77c1";
    private const string Address = "10.9.8.7:5432";

    private const string Source = """
        using Microsoft.Extensions.AI;
        [assembly: Plugin("throws", typeof(Throws), Options = typeof(Settings))]
        [assembly: Plugin("throws-tools", typeof(Tools), Options = typeof(Settings))]
        [assembly: Plugin("throws-client", typeof(Clients))]
        public sealed record Settings(string At = "");
        public static class Fault
        {
            public static Exception Create() => new InvalidOperationException("canary-77c1 at 10.9.8.7:5432", new TimeoutException("canary-77c1 inside"));
        }
        public sealed class Throws(Settings settings, PluginContext context)
            : IHistoryProvider, IContextProvider, IRunMiddleware, IChatMiddleware, IFunctionMiddleware, ISessionCleanup, IPluginHealth
        {
            private bool At(string place) => settings.At == place ? throw Fault.Create() : false;
            public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken ct) { At("load"); return new(new Page<HistoryMessage> { Items = [], HasMore = false }); }
            public ValueTask AppendAsync(HistoryAppend append, CancellationToken ct) { At("append"); return default; }
            public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken ct) { At("delete"); return new(0); }
            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken ct) { At("provide"); return new(ContextContribution.Empty); }
            public ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken ct) { At("observe"); return default; }
            public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken ct)
            {
                At("before");
                var response = await next(settings.At == "output" ? request with { Output = request.Output.Through(Change) } : request, ct);
                At("after");
                return response;
            }
            private async IAsyncEnumerable<ChatResponseUpdate> Change(IAsyncEnumerable<ChatResponseUpdate> updates)
            {
                await foreach (var update in updates) { At("output"); yield return update; }
            }
            public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken ct)
            {
                At("wrap");
                return new(settings.At == "chat" ? new Client() : inner);
            }
            public ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken ct) { At("function"); return next(invocation, ct); }
            public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken ct) { At("cleanup"); return new(0); }
            public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken ct) { At("health"); return new(PluginHealth.Healthy); }
        }
        public sealed class Tools(Settings settings) : IContextProvider
        {
            public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken ct) => new(new ContextContribution
            {
                Tools = [AIFunctionFactory.Create(string () => settings.At == "tool" ? throw Fault.Create() : "done", "work")],
            });
        }
        public sealed class Clients : IChatClientFactory
        {
            public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken ct) => new(new Client());
        }
        public sealed class Client : IChatClient
        {
            public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken ct = default) => throw Fault.Create();
            public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
                [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
            {
                await Task.Yield();
                if (messages is not null) throw Fault.Create();
                yield break;
            }
            public object? GetService(Type serviceType, object? serviceKey = null) => null;
            public void Dispose() { }
        }
        """;

    private static readonly string[] Places =
        ["load", "append", "delete", "provide", "observe", "before", "after", "output", "wrap", "chat", "function", "cleanup", "health", "tool"];

    private static string Entries(string place, string onError) => $$"""
        { "Plugin": "throws", "Name": "{{place}}", "Host": { "OnError": "{{onError}}", "Load": {{(place == "load" ? "true" : "false")}} }, "Options": { "At": "{{place}}" } },
        { "Plugin": "throws-tools", "Options": { "At": "{{place}}" } }
        """;

    private static OutcomeSetup CreateSetup()
    {
        const string Model = """{ "Client": "openai", "Endpoint": "ENDPOINT", "ApiKeyEnvironment": "", "MaxRetries": 0 }""";
        var agents = Places.SelectMany(place => new[] { "fail", "skip" }.Select(onError =>
            $$""" "{{place}}-{{onError}}": { "Model": {{Model}}, "Chain": [ {{Entries(place, onError)}} ] } """));
        var setup = new OutcomeSetup("files")
        {
            MoreAgents = string.Join(", ", agents.Append(""" "client": { "Model": { "Client": "throws-client" } } """)),
        };
        PluginCompiler.Compile(Path.Combine(setup.Folder.Path, "plugins"), "ThrowsPlugin", Source);
        return setup;
    }

    [Fact]
    public async Task The_text_is_in_the_plugins_log_and_in_no_answer_event_or_model_request()
    {
        using var setup = CreateSetup();
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Default = new ModelReply();

        var answers = new List<string>();
        foreach (var agent in Places.SelectMany(p => new[] { $"{p}-fail", $"{p}-skip" }).Append("client"))
        {
            if (agent.StartsWith("tool", StringComparison.Ordinal) || agent.StartsWith("function", StringComparison.Ordinal))
                host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "work", "{}")] });
            answers.AddRange(await CallAllAsync(host, agent));
        }

        answers.Add(await GetAsync(host, "/health/ready"));
        Assert.DoesNotContain(answers, a => a.Contains(Hidden, StringComparison.Ordinal) || a.Contains(Address, StringComparison.Ordinal));
        Assert.DoesNotContain(host.Model.Requests, r => r.Body.ToJsonString().Contains("canary", StringComparison.Ordinal));
        var logged = host.Log.In("PluginHost.Plugin.throws").Concat(host.Log.In("PluginHost.Plugin.throws-tools")).Concat(host.Log.In("PluginHost.Plugin.throws-client"))
            .Where(l => l.Level == LogLevel.Warning && l.Exception?.Message.Contains(Hidden, StringComparison.Ordinal) == true).Select(l => l.Text).ToList();
        Assert.All(Places.Except(["tool"]), p => Assert.Contains(logged, t => t.Contains($"'throws/{p}'", StringComparison.Ordinal)));
        Assert.Contains(logged, t => t.Contains("'throws-tools'", StringComparison.Ordinal));
        Assert.Contains(logged, t => t.Contains("'throws-client'", StringComparison.Ordinal));
        Assert.Contains(answers, a => a.Contains("System.InvalidOperationException: the host's log has the cause.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_line_of_the_log_has_the_id_of_the_run()
    {
        using var setup = CreateSetup();
        await using var host = await OutcomeHost.StartAsync(setup);
        await PostAsync(host, "/v1/sessions/lost/runs", new JsonObject { ["agent"] = "provide-fail", ["input"] = "hi" });
        var run = Assert.Single((await host.GetAsync("/v1/sessions/lost/runs")).Json.GetProperty("data").EnumerateArray()).Text("id");
        var line = Assert.Single(host.Log.In("PluginHost.Plugin.throws"), l => l.Level == LogLevel.Warning);
        Assert.Contains($"of run {run}.", line.Text, StringComparison.Ordinal);
        Assert.Contains(Hidden, line.Exception!.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> CallAllAsync(OutcomeHost host, string agent)
    {
        var (native, input) = ($"/v1/sessions/{agent}/runs", new JsonObject { ["agent"] = agent, ["input"] = "hi" });
        List<string> answers =
        [
            await PostAsync(host, native, input),
            await PostAsync(host, native, new JsonObject { ["agent"] = agent, ["input"] = "hi", ["stream"] = true }),
            await PostAsync(host, "/v1/chat/completions", new JsonObject { ["model"] = agent, ["messages"] = Messages() }),
            await PostAsync(host, "/v1/chat/completions", new JsonObject { ["model"] = agent, ["messages"] = Messages(), ["stream"] = true }),
            await PostAsync(host, "/v1/responses", new JsonObject { ["model"] = agent, ["input"] = "hi" }),
            await PostAsync(host, "/v1/responses", new JsonObject { ["model"] = agent, ["input"] = "hi", ["stream"] = true }),
            await PostAsync(host, "/v1/messages", new JsonObject { ["model"] = agent, ["max_tokens"] = 50, ["messages"] = Messages() }),
            await GetAsync(host, $"{native}?limit=100"),
            await GetAsync(host, $"/v1/sessions/{agent}/messages?limit=100&include_failed=true"),
            await GetAsync(host, $"/v1/sessions/{agent}/export"),
        ];
        using var deleted = await host.Http.DeleteAsync($"/v1/sessions/{agent}");
        answers.Add(await deleted.Content.ReadAsStringAsync());
        return answers;
    }

    private static JsonArray Messages() => [new JsonObject { ["role"] = "user", ["content"] = "hi" }];

    private static async Task<string> PostAsync(OutcomeHost host, string path, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var answer = await host.Http.PostAsync(path, content);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<string> GetAsync(OutcomeHost host, string path)
    {
        using var answer = await host.Http.GetAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }
}
