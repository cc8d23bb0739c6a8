using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Api;

/// <summary>A host whose model calls a tool, and whose tool and answers wait until the test lets them continue.</summary>
internal sealed class SteeredRun : IAsyncDisposable
{
    private readonly Queue<(TaskCompletionSource Reached, TaskCompletionSource Released)> _holds = new();

    private SteeredRun(ScriptedModel model) => Model = model;

    public ScriptedModel Model { get; }

    public ApiHost Host { get; private set; } = null!;

    /// <summary>A model that calls the tool, and then says one text after the other.</summary>
    public static Task<SteeredRun> WithToolAsync(SessionsConfiguration? sessions = null, params string[] texts) => StartAsync(sessions, null, true, texts);

    /// <summary>A model that says one text after the other.</summary>
    public static Task<SteeredRun> WithoutToolAsync(SessionsConfiguration? sessions = null, params string[] texts) => StartAsync(sessions, null, false, texts);

    public static Task<SteeredRun> StartAsync(SessionsConfiguration? sessions, ServerConfiguration? server, bool callsTool, params string[] texts) =>
        StartAsync(sessions, server, callsTool, [], texts);

    public static async Task<SteeredRun> StartAsync(
        SessionsConfiguration? sessions, ServerConfiguration? server, bool callsTool, IReadOnlyList<PluginInstance> plugins, params string[] texts)
    {
        SteeredRun run = null!;
        var says = texts.Select<string, Func<ScriptedModel.Call, IAsyncEnumerable<ChatResponseUpdate>>>(t => call => run.SayAsync(t, call.Cancellation));
        run = new SteeredRun(new ScriptedModel(callsTool ? [_ => ScriptedModel.CallTools(("1", "look")), .. says] : [.. says]));
        var tools = new Probe.Context(_ => new ContextContribution { Tools = [AIFunctionFactory.Create(run.LookAsync, "look")] });
        run.Host = await ApiHost.StartAsync(server, null, run.Model, sessions, plugins: callsTool ? [.. plugins, TestEngine.Plugin(tools, "tools")] : plugins);
        return run;
    }

    /// <summary>The next tool or answer waits until it is released.</summary>
    public (Task Reached, Action Release) Hold()
    {
        var hold = (Reached: new TaskCompletionSource(), Released: new TaskCompletionSource());
        lock (_holds) _holds.Enqueue(hold);
        return (hold.Reached.Task.WaitAsync(TimeSpan.FromSeconds(20)), hold.Released.SetResult);
    }

    /// <summary>Waits until something holds for the runs in progress.</summary>
    public async Task UntilAsync(Func<LiveRuns, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds(Host.Engine.Live))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Begins a run in the background, and returns its path.</summary>
    public async Task<string> BeginAsync(string session = "s")
    {
        var run = await (await Host.PostAsync($"/v1/sessions/{session}/runs", """{"input":"go","background":true}""")).JsonAsync();
        return $"/v1/sessions/{session}/runs/{run.Text("id")}";
    }

    public async Task<JsonElement> GiveAsync(string path, string text)
    {
        var response = await Host.PostAsync($"{path}/input", JsonSerializer.Serialize(new { input = text }));
        Assert.Equal(202, (int)response.StatusCode);
        return await response.JsonAsync();
    }

    /// <summary>The run when it has ended.</summary>
    public async Task<JsonElement> EndAsync(string path) => (await EventsAsync(path))[^1].Data;

    public async Task<List<(string? Id, string Name, JsonElement Data)>> EventsAsync(string path)
    {
        using var response = await Host.Http.GetAsync($"{path}/events", HttpCompletionOption.ResponseHeadersRead);
        return await StreamingTests.ReadAsync(response).ToListAsync();
    }

    /// <summary>What is stored of a session, as <c>role: text</c> with the outcome unless it is completed.</summary>
    public async Task<IReadOnlyList<string>> StoredAsync(string session = "s")
    {
        var page = await (await Host.Http.GetAsync($"/v1/sessions/{session}/messages?include_failed=true")).JsonAsync();
        return [.. page.GetProperty("data").EnumerateArray().Select(Outcomes.OutcomeText.Describe)];
    }

    public static IReadOnlyList<string> OutputOf(JsonElement run) => [.. run.GetProperty("output").EnumerateArray().Select(Outcomes.OutcomeText.Describe)];

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private async Task<string> LookAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        return "seen";
    }

    private async IAsyncEnumerable<ChatResponseUpdate> SayAsync(
        string text, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, text) { MessageId = text };
        await WaitAsync(cancellationToken);
        if (text == "broken") throw new InvalidOperationException("the model broke off");
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        (TaskCompletionSource Reached, TaskCompletionSource Released) hold;
        lock (_holds)
        {
            if (!_holds.TryDequeue(out hold)) return;
        }

        hold.Reached.SetResult();
        await hold.Released.Task.WaitAsync(cancellationToken);
    }
}
