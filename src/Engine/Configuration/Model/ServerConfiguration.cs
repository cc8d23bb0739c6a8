using PluginHost.Engine.Configuration.Access;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>How the host listens.</summary>
internal sealed record ServerConfiguration
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
