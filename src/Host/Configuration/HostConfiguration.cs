using System.Collections.ObjectModel;
using System.Text.Json.Nodes;

namespace PluginHost.Configuration;

/// <summary>The whole configuration, read strictly and complete: the only form in which the rest of the host sees it. Immutable.</summary>
public sealed record HostConfiguration
{
    /// <summary>Folders that hold one folder per plugin, absolute; the one beside the host's binary comes first.</summary>
    public IReadOnlyList<string> PluginFolders { get; init; } = [];

    public PluginTrustConfiguration PluginTrust { get; init; } = new();

    /// <summary>The agents by name, in the order of the file.</summary>
    public IReadOnlyList<AgentConfiguration> Agents { get; init; } = [];

    public SessionsConfiguration Sessions { get; init; } = new();

    public ServerConfiguration Server { get; init; } = new();

    public TelemetryConfiguration Telemetry { get; init; } = new();

    /// <summary>The standard .NET section <c>Logging</c>, untouched: flat keys such as <c>Logging:LogLevel:Default</c>.</summary>
    public IReadOnlyDictionary<string, string?> Logging { get; init; } = ReadOnlyDictionary<string, string?>.Empty;

    /// <summary>The members of <c>Plugins</c>: defaults for the entries of each plugin, whether one is used or not.</summary>
    public IReadOnlyList<OptionsSection> PluginDefaults { get; init; } = [];

    public PluginEntry? SessionStore => Sessions.Store;
}

/// <summary>One agent.</summary>
/// <param name="Name">The name, as callers use it.</param>
public sealed record AgentConfiguration(string Name)
{
    public ModelConfiguration Model { get; init; } = new();

    public string? Instructions { get; init; }

    /// <summary>The chain; the first entry is outermost.</summary>
    public IReadOnlyList<PluginEntry> Chain { get; init; } = [];

    /// <summary>Whether a session id that the service returns is taken over (<c>ServiceSession</c>: <c>auto</c> or <c>off</c>).</summary>
    public bool UseServiceSession { get; init; } = true;

    /// <summary>Names of histories that may load although another one does too (<c>AllowSeveralHistories</c>).</summary>
    public IReadOnlyList<string> AllowSeveralHistories { get; init; } = [];
}

/// <summary>The model of an agent.</summary>
public sealed record ModelConfiguration
{
    /// <summary><c>echo</c>, <c>openai</c>, or the name of a chat client plugin.</summary>
    public string Client { get; init; } = "echo";

    public string? Model { get; init; }

    /// <summary>All other members of the section: the client's options, still unbound.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;

    /// <summary>The entry of the chat client plugin; null for the host's own clients, <c>echo</c> and <c>openai</c>.</summary>
    public PluginEntry? Plugin { get; init; }
}

/// <summary>
/// Unbound options: a JSON object with the path it stands at. Values that came from the environment or the command line
/// are JSON strings listed in <see cref="TextPaths"/>, and may be parsed as what an option needs.
/// </summary>
/// <param name="Path">For error messages, for example <c>Agents:assistant:Chain:0</c>.</param>
/// <param name="Json">The members.</param>
/// <param name="TextPaths">Full paths of values that came as text.</param>
public sealed record OptionsSection(string Path, JsonObject Json, IReadOnlySet<string> TextPaths)
{
    public static OptionsSection Empty { get; } = new("", [], new HashSet<string>());

    /// <summary>Where members stand that came from elsewhere: a default of the <c>Plugins</c> section keeps its own path.</summary>
    public IReadOnlyDictionary<string, string> MemberPaths { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The full path of a member.</summary>
    public string PathOf(string member) => MemberPaths.TryGetValue(member, out var path) ? path : $"{Path}:{member}";
}

/// <summary>What the host does when a plugin throws or runs into its timeout.</summary>
public enum OnError
{
    /// <summary>The run fails.</summary>
    Fail,

    /// <summary>The run goes on without it, and its result names the plugin.</summary>
    Skip,
}

/// <summary>What a history stores as the input of a run.</summary>
public enum StoreInputAs
{
    /// <summary>The input as the innermost stage received it.</summary>
    Sent,

    /// <summary>The input as the history itself received it.</summary>
    Received,
}

/// <summary>One plugin instance as configured: an entry of a chain, the session store, or a chat client.</summary>
/// <param name="Plugin">The plugin's registered name.</param>
/// <param name="Name">The instance's name; the plugin's unless set.</param>
public sealed record PluginEntry(string Plugin, string Name)
{
    /// <summary>The position in the chain, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Where it stands in the configuration, for example <c>Agents:assistant:Chain:0</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>The plugin's own options: defaults of the <c>Plugins</c> section with the entry's on top.</summary>
    public OptionsSection Options { get; init; } = OptionsSection.Empty;

    /// <summary>The settings of the host's own that the entry gives, with the path of each; all others have their defaults.</summary>
    public IReadOnlyDictionary<string, string> Given { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Per call; a middleware's own time only.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Null for the default of the plugin's kind: skip for context providers, fail for all others.</summary>
    public OnError? OnError { get; init; }

    public bool Load { get; init; } = true;

    public bool StoreInput { get; init; } = true;

    public bool StoreOutput { get; init; } = true;

    public bool StoreContext { get; init; }

    /// <summary>Source ids whose context is stored; empty for all when <see cref="StoreContext"/> is set.</summary>
    public IReadOnlyList<string> StoreContextFrom { get; init; } = [];

    public StoreInputAs StoreInputAs { get; init; }

    /// <summary>Identity: the plugin's name, with the instance's when it has one of its own.</summary>
    public string SourceId => Name == Plugin ? Plugin : $"{Plugin}/{Name}";
}

/// <summary>How sessions and runs are treated.</summary>
public sealed record SessionsConfiguration
{
    /// <summary>The session store; null for one in memory.</summary>
    public PluginEntry? Store { get; init; }

    /// <summary>Whether a run on a busy session waits (<c>queue</c>) or is refused with 409 (<c>reject</c>).</summary>
    public bool QueueWhenBusy { get; init; } = true;

    /// <summary>How many runs may wait per session.</summary>
    public int QueueLimit { get; init; } = 100;

    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether a run goes on when its caller's connection is lost (<c>OnDisconnect</c>: <c>complete</c> or <c>cancel</c>).</summary>
    public bool CompleteOnDisconnect { get; init; } = true;

    /// <summary>How long after its run has ended an idempotency key stands for that run.</summary>
    public TimeSpan IdempotencyKeyLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many bytes of JSON the state of a session may have.</summary>
    public int MaxStateBytes { get; init; } = 256 * 1024;

    /// <summary>How many messages a run's input may have.</summary>
    public int MaxInputMessages { get; init; } = 1000;

    /// <summary>How many bytes the content of one message may have.</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many runs of one tenant may wait or run at a time.</summary>
    public int MaxConcurrentRuns { get; init; } = 4000;

    /// <summary>How many sessions one tenant may have.</summary>
    public int MaxSessions { get; init; } = 1_000_000;

    public RetentionConfiguration Retention { get; init; } = new();
}

/// <summary>How the host listens.</summary>
public sealed record ServerConfiguration
{
    /// <summary>Addresses: <c>http://host:port</c> or <c>unix:/path</c>.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["http://127.0.0.1:5080"];

    /// <summary>API keys of files and variables, as hashes.</summary>
    public IReadOnlyList<ApiKey> ApiKeys { get; init; } = [];

    /// <summary>The file of hashed keys, absolute; null when there is none. It is read again when it changes.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The keys of <see cref="KeyFile"/>.</summary>
    public IReadOnlyList<ApiKey> FileKeys { get; init; } = [];

    /// <summary>Which tokens are taken beside keys; null for none.</summary>
    public JwtConfiguration? Jwt { get; init; }

    /// <summary>Whether callers have to say who they are. Without: loopback or Unix socket only.</summary>
    public bool NeedsAuthentication => ApiKeys.Count > 0 || KeyFile is not null || Jwt is not null;

    /// <summary>Names that requests may be addressed to beside those of loopback.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    public long MaxBodyBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many connections there may be; one more is closed without an answer.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>How many requests may be in progress; one more is answered with 503.</summary>
    public int MaxConcurrentRequests { get; init; } = 5_000;

    /// <summary>How many requests a tenant may send per second, over time; twice as many at once.</summary>
    public int RequestsPerSecond { get; init; } = 10_000;

    /// <summary>How long the headers of a request may take to arrive.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How fast a body must arrive and an answer be taken, on average.</summary>
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>How long running runs may go on after SIGTERM.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>What the host does with telemetry beside sending it, which the standard variables decide.</summary>
public sealed record TelemetryConfiguration
{
    /// <summary>The traces of how many runs are kept in memory; 0 for none.</summary>
    public int KeptTraces { get; init; } = 100;

    /// <summary>Of how many runs that begin in one second a trace is recorded.</summary>
    public int TracesPerSecond { get; init; } = 100;
}
