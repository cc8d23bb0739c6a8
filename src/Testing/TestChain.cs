using System.Text.Json;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;

namespace PluginHost.Sdk.Testing;

/// <summary>
/// An agent with a chain of plugins on the host's own pipeline, in memory. After the first run, runs of different sessions may be concurrent, and
/// then have each other's spans and log entries. Disposing it stops and disposes the plugins.
/// </summary>
public sealed class TestChain : IAsyncDisposable
{
    /// <summary>The name of the agent.</summary>
    public const string AgentName = "assistant";

    private readonly IReadOnlyList<object> _plugins;
    private TestHost? _host;
    private bool _wasStarted;

    private TestChain(IReadOnlyList<object> plugins) => _plugins = plugins;

    /// <summary>
    /// The model; by default one that says "ok". A plugin that is a chat client factory makes another one unless this is set. Set it before
    /// the first run.
    /// </summary>
    public IChatClient? Model { get; set => field = BeforeStart(value); }

    /// <summary>The agent's instructions. Set them before the first run.</summary>
    public string? Instructions { get; set => field = BeforeStart(value); }

    /// <summary>The host's clock. Set it before the first run.</summary>
    public TimeProvider TimeProvider { get; set => field = BeforeStart(value); } = TimeProvider.System;

    /// <summary>The contexts of the plugins, whose <see cref="PluginContext.Stopping"/> is cancelled before they stop. Set them before the first run.</summary>
    public IReadOnlyList<TestPluginContext> Contexts { get; set => field = BeforeStart(value); } = [];

    /// <summary>Creates a chain.</summary>
    /// <param name="plugins">
    /// The plugin objects, first outermost. Each has the name under which its assembly registers its class, so that its context should have
    /// that name too. A session store among them keeps the sessions; without one, and without a history, they are kept in memory.
    /// </param>
    public static TestChain Create(params object[] plugins) => new(plugins);

    /// <summary>Runs the agent. The first run starts the plugins.</summary>
    /// <param name="input">The user's message.</param>
    /// <param name="streamed">Whether the caller reads the answer as it is written.</param>
    /// <param name="session">The session.</param>
    /// <param name="user">The user that the caller names (<see cref="RunRequest.User"/>); null for none.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="InvalidOperationException">The run was refused, or a plugin did not start.</exception>
    public Task<TestRun> RunAsync(
        string input, bool streamed = false, string session = "test", string? user = null, CancellationToken cancellationToken = default) =>
        RunAsync([new ChatMessage(ChatRole.User, input)], streamed, session, user, cancellationToken);

    /// <summary>Runs the agent with several messages.</summary>
    /// <param name="input">The messages.</param>
    /// <param name="streamed">Whether the caller reads the answer as it is written.</param>
    /// <param name="session">The session.</param>
    /// <param name="user">The user that the caller names (<see cref="RunRequest.User"/>); null for none.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="InvalidOperationException">The run was refused, or a plugin did not start.</exception>
    public async Task<TestRun> RunAsync(
        IReadOnlyList<ChatMessage> input, bool streamed = false, string session = "test", string? user = null, CancellationToken cancellationToken = default)
    {
        var host = await GetHostAsync();
        var command = new RunCommand { Tenant = TestHost.Tenant, SessionId = session, Input = input, User = user };
        try
        {
            return await host.RunAsync(command, streamed, cancellationToken);
        }
        catch (ProblemException e)
        {
            throw new InvalidOperationException($"The run was refused: {e.Message}", e);
        }
    }

    /// <summary>Deletes a session with what the plugins keep of it.</summary>
    /// <param name="session">The session.</param>
    /// <returns>How many items each plugin removed, by its source id.</returns>
    /// <exception cref="InvalidOperationException">There is no such session, or a plugin failed.</exception>
    public async Task<IReadOnlyDictionary<string, int>> DeleteSessionAsync(string session = "test")
    {
        var host = await GetHostAsync();
        try
        {
            return await host.DeleteSessionAsync(session);
        }
        catch (ProblemException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    /// <summary>Reads what the plugins keep of a user beyond sessions (<see cref="IUserData"/>).</summary>
    /// <param name="user">The user.</param>
    /// <returns>The items of each plugin that can keep some, by its registered name.</returns>
    /// <exception cref="InvalidOperationException">A plugin failed.</exception>
    public Task<IReadOnlyDictionary<string, IReadOnlyList<JsonElement>>> ReadUserAsync(string user) => ReadUserAsync(new UserKey(TestHost.Tenant, user));

    /// <summary>Deletes what the plugins keep of a user beyond sessions.</summary>
    /// <param name="user">The user.</param>
    /// <returns>How many items each plugin removed, by its registered name.</returns>
    /// <exception cref="InvalidOperationException">A plugin failed.</exception>
    public Task<IReadOnlyDictionary<string, int>> DeleteUserAsync(string user) => DeleteUserAsync(new UserKey(TestHost.Tenant, user));

    internal async Task<IReadOnlyDictionary<string, IReadOnlyList<JsonElement>>> ReadUserAsync(UserKey user)
    {
        var host = await GetHostAsync();
        try
        {
            return await host.ReadUserAsync(user);
        }
        catch (ProblemException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    internal async Task<IReadOnlyDictionary<string, int>> DeleteUserAsync(UserKey user)
    {
        var host = await GetHostAsync();
        try
        {
            return await host.DeleteUserAsync(user);
        }
        catch (ProblemException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    /// <summary>Stops and disposes the plugins, last to first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_wasStarted)
        {
            _wasStarted = true;
            foreach (var plugin in _plugins.Reverse()) await AnyDisposal.DisposeAsync(plugin);
        }

        if (_host is null) return;
        await _host.DisposeAsync();
        _host = null;
    }

    private async ValueTask<TestHost> GetHostAsync()
    {
        // A host that cannot start disposes the plugins itself.
        _wasStarted = true;
        return _host ??= await TestHost.StartAsync(_plugins, Contexts, Model, Instructions, TimeProvider);
    }

    private T BeforeStart<T>(T value) => _host is null ? value : throw new InvalidOperationException("The chain has started. Set this before the first run.");
}
