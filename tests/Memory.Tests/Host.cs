using System.Text.Json;

namespace PluginHost.Memory.Tests;

/// <summary>The plugin as a host has it, and calls of its hooks and tools.</summary>
internal sealed class Host : IAsyncDisposable
{
    private readonly Dictionary<SessionKey, Session> _sessions = [];
    private int _runs;

    public Host(MemoryOptions options, string? folder = null, string? entry = null, TimeProvider? clock = null, Host? sharedWith = null)
    {
        Context = new TestPluginContext("memory", folder ?? sharedWith?.Context.Folder, sharedWith?.Context) { InstanceName = entry, Clock = clock ?? TimeProvider.System };
        Plugin = new MemoryProvider(options, Context);
    }

    public TestPluginContext Context { get; }

    public MemoryProvider Plugin { get; }

    public ValueTask<ContextContribution> ProvideAsync(
        string? user = null, string session = "s", string tenant = "t", string agent = "a", string input = "hi") => Plugin.ProvideAsync(
        new RunRequest
        {
            Session = SessionOf(new SessionKey(tenant, session)),
            RunId = $"run_{Interlocked.Increment(ref _runs)}",
            Agent = agent,
            User = user,
            Input = [new ChatMessage(ChatRole.User, input)],
            Output = RunOutput.Create(),
        },
        default);

    public Session SessionOf(SessionKey key)
    {
        lock (_sessions) return _sessions.TryGetValue(key, out var session) ? session : _sessions[key] = new Session(key);
    }

    public static async Task<string> CallAsync(ContextContribution run, string tool, object fact, object? replaces = null) =>
        Assert.IsType<string>(await InvokeAsync(run, tool, fact, replaces));

    public static async Task<object?> InvokeAsync(ContextContribution run, string tool, object fact, object? replaces = null)
    {
        var arguments = new AIFunctionArguments { ["fact"] = JsonSerializer.SerializeToElement(fact) };
        if (replaces is not null) arguments["replaces"] = JsonSerializer.SerializeToElement(replaces);
        return await run.Tools.OfType<AIFunction>().Single(t => t.Name == tool).InvokeAsync(arguments);
    }

    /// <summary>Remembers in another run.</summary>
    public async Task<string> RememberAsync(string fact, string? user = null, string session = "s", string tenant = "t", object? replaces = null) =>
        await CallAsync(await ProvideAsync(user, session, tenant), "remember", fact, replaces);

    /// <summary>The facts in the instructions of a run, as <c>1: text</c>.</summary>
    public async Task<IReadOnlyList<string>> FactsAsync(string? user = null, string session = "s", string tenant = "t", string agent = "a", string input = "hi") =>
        (await ProvideAsync(user, session, tenant, agent, input)).Instructions?.Split('\n')[1..] ?? [];

    public async ValueTask DisposeAsync() => await Context.DisposeAsync();
}
