using System.Runtime.CompilerServices;
using Kinds = PluginHost.Engine.Plugins.Catalog.PluginKind;

namespace PluginHost.Engine.Observation;

/// <summary>What the host does, as an observer sees it. The only list of the operations: a new one is a row here. Immutable.</summary>
internal sealed record HostOperation
{
    // Before the rows, which add themselves to it.
    private static readonly List<HostOperation> Rows = [];
    private readonly string _row;

    private HostOperation(string name, string verb, string? pluginKind = null, bool isObserved = true, bool isOfStart = false, [CallerMemberName] string row = "")
    {
        (Name, Verb, PluginKind, IsObserved, IsOfStart, _row) = (name, verb, pluginKind, isObserved, isOfStart, row);
        Index = Rows.Count;
        Rows.Add(this);
    }

    /// <summary>The host starts: covers all plugin loads.</summary>
    public static HostOperation Start { get; } = new("start", "start");

    /// <summary>One plugin assembly is loaded.</summary>
    public static HostOperation PluginLoad { get; } = new("plugin.load", "load");

    /// <summary>A plugin instance's optional start.</summary>
    public static HostOperation PluginStart { get; } = new("plugin.start", "start", "lifecycle", isOfStart: true);

    /// <summary>A plugin instance's optional stop.</summary>
    public static HostOperation PluginStop { get; } = new("plugin.stop", "stop", "lifecycle");

    /// <summary>A session record is loaded at the start of a run, or found not to exist.</summary>
    public static HostOperation SessionLoad { get; } = new("session.load", "load", Kinds.SessionStore.ObservedAs);

    /// <summary>A session is created outside a run.</summary>
    public static HostOperation SessionCreate { get; } = new("session.create", "create", Kinds.SessionStore.ObservedAs);

    /// <summary>A session record is saved.</summary>
    public static HostOperation SessionSave { get; } = new("session.save", "save", Kinds.SessionStore.ObservedAs);

    /// <summary>A session is deleted.</summary>
    public static HostOperation SessionDelete { get; } = new("session.delete", "delete", Kinds.SessionStore.ObservedAs);

    /// <summary>A plugin deletes what it keeps of a session beside history and state.</summary>
    public static HostOperation SessionDataDelete { get; } = new("session_data.delete", "delete", "session_data");

    /// <summary>A plugin says what it keeps of a user beyond sessions.</summary>
    public static HostOperation UserDataRead { get; } = new("user_data.read", "read", "user_data");

    /// <summary>A plugin deletes what it keeps of a user beyond sessions.</summary>
    public static HostOperation UserDataDelete { get; } = new("user_data.delete", "delete", "user_data");

    /// <summary>A run in progress is given messages.</summary>
    public static HostOperation RunInput { get; } = new("run.input", "give");

    /// <summary>The chain runs, from its first stage to the model.</summary>
    public static HostOperation InvokeAgent { get; } = new("invoke_agent", "invoke");

    public static HostOperation HistoryLoad { get; } = new("history.load", "load", Kinds.History.ObservedAs);

    public static HostOperation HistoryAppend { get; } = new("history.append", "append", Kinds.History.ObservedAs);

    public static HostOperation HistoryDelete { get; } = new("history.delete", "delete", Kinds.History.ObservedAs);

    public static HostOperation ContextProvide { get; } = new("context.provide", "provide", Kinds.Context.ObservedAs);

    public static HostOperation ContextObserve { get; } = new("context.observe", "observe", Kinds.Context.ObservedAs);

    public static HostOperation RunMiddleware { get; } = new("middleware", "invoke", Kinds.RunMiddleware.ObservedAs);

    public static HostOperation ChatMiddleware { get; } = new("middleware", "invoke", Kinds.ChatMiddleware.ObservedAs);

    public static HostOperation FunctionMiddleware { get; } = new("middleware", "invoke", Kinds.FunctionMiddleware.ObservedAs);

    /// <summary>A plugin's tool runs, with the function middleware around it.</summary>
    public static HostOperation ToolCall { get; } = new("execute_tool", "call");

    /// <summary>A plugin is asked whether it can do its work.</summary>
    public static HostOperation HealthCheck { get; } = new("plugin.health", "check", isObserved: false);

    /// <summary>A chat middleware wraps the model's client of a run. Its calls are observed.</summary>
    public static HostOperation ChatMiddlewareWrap { get; } = new("middleware.wrap", "wrap", isObserved: false);

    /// <summary>The session store writes steps of a run in progress. Observed when it fails.</summary>
    public static HostOperation JournalWrite { get; } = new("journal.write", "write", Kinds.SessionStore.ObservedAs);

    /// <summary>The session store reads runs in progress.</summary>
    public static HostOperation JournalRead { get; } = new("journal.read", "read", Kinds.SessionStore.ObservedAs, isObserved: false);

    /// <summary>This host claims a session, or gives sessions up.</summary>
    public static HostOperation SessionClaim { get; } = new("session.claim", "claim", Kinds.SessionStore.ObservedAs, isObserved: false);

    /// <summary>This host renews its lease, or ends it.</summary>
    public static HostOperation LeaseRenew { get; } = new("lease.renew", "renew", Kinds.SessionStore.ObservedAs, isObserved: false);

    /// <summary>A plugin takes the resource that only one build of it can hold.</summary>
    public static HostOperation ResourceAcquire { get; } = new("resource.acquire", "acquire", isObserved: false, isOfStart: true);

    /// <summary>A plugin gives that resource up.</summary>
    public static HostOperation ResourceRelease { get; } = new("resource.release", "release", isObserved: false);

    /// <summary>A plugin copies its data into a backup.</summary>
    public static HostOperation StoreBackup { get; } = new("store.backup", "back up", isObserved: false);

    /// <summary>A plugin puts its data of a backup back.</summary>
    public static HostOperation StoreRestore { get; } = new("store.restore", "restore", isObserved: false);

    /// <summary>A plugin instance is disposed.</summary>
    public static HostOperation PluginDispose { get; } = new("plugin.dispose", "dispose", isObserved: false);

    /// <summary>A plugin makes an agent's chat client.</summary>
    public static HostOperation ClientCreate { get; } = new("chat_client.create", "create", isObserved: false, isOfStart: true);

    /// <summary>A plugin's options are created, and check themselves.</summary>
    public static HostOperation OptionsValidate { get; } = new("options.validate", "validate", isObserved: false, isOfStart: true);

    /// <summary>All operations, each at its <see cref="Index"/>.</summary>
    public static IReadOnlyList<HostOperation> All => Rows;

    /// <summary>The name, for example <c>history.load</c>.</summary>
    public string Name { get; }

    /// <summary>What is done to a plugin of this kind in one word, for metrics.</summary>
    public string Verb { get; }

    /// <summary>The kind of the plugin that is called, as telemetry names it; null when none is.</summary>
    public string? PluginKind { get; }

    /// <summary>Whether an observer learns of it.</summary>
    public bool IsObserved { get; }

    /// <summary>Whether its failure is an error of a start or reload, which has its text.</summary>
    public bool IsOfStart { get; }

    /// <summary>Its place among all operations.</summary>
    public int Index { get; }

    /// <summary>Whether a plugin does its work, so that the calls are counted for operators.</summary>
    public bool IsCounted => !IsOfStart && (PluginKind is not null || this == ToolCall);

    /// <summary>Whether the session store is called.</summary>
    public bool IsSession => PluginKind == Kinds.SessionStore.ObservedAs;

    // Each row exists once.
    public bool Equals(HostOperation? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Index;

    public override string ToString() => _row;
}
