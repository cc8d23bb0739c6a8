using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Sdk.Testing.Conformance.Explanations;
using PluginHost.Sdk.Testing.Conformance.History;
using PluginHost.Sdk.Testing.Conformance.Journal;
using PluginHost.Sdk.Testing.Conformance.Sessions;

namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>
/// The rules of the SDK for plugins in a chain, with or without data of users, chat clients, histories and session stores, as named cases, without a test framework. Each
/// case makes new instances with a new folder. Thread-safe.
/// </summary>
/// <example>
/// With xunit: <c>[Theory, MemberData(nameof(Cases))] public Task Passes(string name) =&gt; Suite.RunAsync(name);</c>
/// </example>
public sealed class ConformanceSuite
{
    private readonly Func<PluginContext, object> _create;
    private readonly string _plugin;
    private readonly Lazy<IReadOnlyDictionary<string, Func<PluginUnderTest, Task>>> _cases;

    private ConformanceSuite(string plugin, Func<PluginContext, object> create)
    {
        (_plugin, _create) = (plugin, create);
        _cases = new(FindCases);
    }

    /// <summary>The names of the cases, in a fixed order.</summary>
    public IReadOnlyList<string> Cases => [.. _cases.Value.Keys];

    /// <summary>Creates the suite of a plugin.</summary>
    /// <param name="plugin">The plugin's registered name.</param>
    /// <param name="create">Makes an instance, always with the same options.</param>
    public static ConformanceSuite Create(string plugin, Func<PluginContext, object> create) => new(plugin, create);

    /// <summary>Runs a case.</summary>
    /// <param name="name">One of <see cref="Cases"/>.</param>
    /// <exception cref="ConformanceException">The plugin breaks the rule. The message says what was expected.</exception>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    public async Task RunAsync(string name)
    {
        if (!_cases.Value.TryGetValue(name, out var run)) throw new ArgumentException($"There is no case '{name}'.", nameof(name));
        await using var plugin = new PluginUnderTest(_plugin, _create);
        try
        {
            await run(plugin);
        }
        catch (Exception e) when (e is not ConformanceException)
        {
            throw new ConformanceException($"{name}: {e.Message}", e);
        }
    }

    private Dictionary<string, Func<PluginUnderTest, Task>> FindCases()
    {
        var cases = new Dictionary<string, Func<PluginUnderTest, Task>>();
        // Frameworks ask for the cases without awaiting.
        var type = FindTypeAsync().GetAwaiter().GetResult();
        var kinds = PluginKind.From(type);
        if (kinds.Any(k => k.Place == PluginPlace.Chain)) Add(ChainCases.All);
        if (kinds.Any(k => k.Place == PluginPlace.Chain) && typeof(IUserData).IsAssignableFrom(type)) Add(UserDataCases.All);
        if (kinds.Contains(PluginKind.ChatClient)) Add(ClientCases.All);
        if (kinds.Contains(PluginKind.SessionStore) && typeof(IRunJournal).IsAssignableFrom(type)) Add(RunJournalChecks.Cases.Select(name => (name, CheckJournal(name))));
        if (kinds.Contains(PluginKind.SessionStore) && typeof(IRunExplanations).IsAssignableFrom(type)) Add(RunExplanationChecks.Cases.Select(name => (name, CheckExplanations(name))));
        if (kinds.Contains(PluginKind.History)) Add(HistoryChecks.Cases.Select(name => (name, CheckHistory(name))));
        if (kinds.Contains(PluginKind.SessionStore)) Add(SessionStoreChecks.Cases.Select(name => (name, CheckStore(name))));
        return cases;

        void Add(IEnumerable<(string Name, Func<PluginUnderTest, Task> Run)> found)
        {
            foreach (var (name, run) in found) cases.TryAdd(name, run);
        }
    }

    private async Task<Type> FindTypeAsync()
    {
        await using var plugin = new PluginUnderTest(_plugin, _create);
        return await plugin.FindTypeAsync();
    }

    private Func<PluginUnderTest, Task> CheckHistory(string name) => async _ =>
    {
        await using var checks = new HistoryChecks(context => (IHistoryProvider)_create(context));
        await checks.RunAsync(name);
    };

    private Func<PluginUnderTest, Task> CheckStore(string name) => async _ =>
    {
        await using var checks = new SessionStoreChecks(context => (ISessionStore)_create(context));
        await checks.RunAsync(name);
    };

    private Func<PluginUnderTest, Task> CheckExplanations(string name) => async _ =>
    {
        await using var checks = new RunExplanationChecks(context => (ISessionStore)_create(context));
        await checks.RunAsync(name);
    };

    private Func<PluginUnderTest, Task> CheckJournal(string name) => async _ =>
    {
        await using var checks = new RunJournalChecks(context => (ISessionStore)_create(context));
        await checks.RunAsync(name);
    };
}
