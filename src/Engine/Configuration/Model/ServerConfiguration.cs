using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>Which users of the machine may connect to a Unix socket.</summary>
internal enum SocketAccess
{
    /// <summary>The user that the host runs as.</summary>
    Owner,

    /// <summary>That user, and the group of the socket's file.</summary>
    Group,
}

/// <summary>How the host listens, whom it lets in, and what it takes.</summary>
internal sealed record ServerConfiguration
{
    /// <summary>Addresses: <c>http://host:port</c> or <c>unix:/path</c>.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["http://127.0.0.1:5080"];

    /// <summary>Which users of the machine may connect to a Unix socket.</summary>
    public SocketAccess SocketAccess { get; init; }

    /// <summary>Where plain API keys are.</summary>
    public IReadOnlyList<ApiKeySource> ApiKeys { get; init; } = [];

    /// <summary>A file of hashed keys, read again when it changes; once read, its path is absolute.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Which JSON Web Tokens are accepted besides keys; null for none.</summary>
    public JwtConfiguration? Jwt { get; init; }

    /// <summary>Host names and addresses that requests may name, besides those of loopback.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>The origins of pages in browsers that may call the host and read its answers, <c>https://app.example</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Whether the host serves its page, and browsers may log in by a key.</summary>
    public bool Console { get; init; } = true;

    /// <summary>How many bytes the body of a request may have.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public long MaxBodyBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many bytes the body of an import may have.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public long MaxImportBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many bytes the bodies of one tenant's requests and runs in progress may have; one more is answered with 429.</summary>
    [Range(1024, 1024L * 1024 * 1024 * 1024)]
    public long MaxBodyBytesPerTenant { get; init; } = 64 * 1024 * 1024;

    /// <summary>The same for all tenants together; one more is answered with 503.</summary>
    [Range(1024, 1024L * 1024 * 1024 * 1024)]
    public long MaxBodyBytesInProgress { get; init; } = 256 * 1024 * 1024;

    /// <summary>How many connections there may be; one more closes the one that was idle for longest.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>How many requests may be in progress; one more is answered with 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 5_000;

    /// <summary>How many of them may be one tenant's; one more is answered with 429.</summary>
    [Range(1, 1_000_000)]
    public int MaxRequestsPerTenant { get; init; } = 2_500;

    /// <summary>How many event streams may be open, which do not count as requests; one more is answered with 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxStreams { get; init; } = 5_000;

    /// <summary>How many of them may be one tenant's; one more is answered with 429.</summary>
    [Range(1, 1_000_000)]
    public int MaxStreamsPerTenant { get; init; } = 2_500;

    /// <summary>How many requests a tenant may send per second, over time; twice as many at once.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 10_000;

    /// <summary>How long the headers of a request may take to arrive.</summary>
    [Range(typeof(TimeSpan), "0s", "5m", MinimumIsExclusive = true)]
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The average rate at which a body must arrive and an answer must be read.</summary>
    [Range(1, 1_000_000)]
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>How long runs in progress may continue after SIGTERM.</summary>
    [Range(typeof(TimeSpan), "0s", "1h", MinimumIsExclusive = true)]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The keys of <see cref="ApiKeys"/> and of the environment, as hashes.</summary>
    public IReadOnlyList<ApiKey> Keys { get; internal init; } = [];

    /// <summary>The keys of <see cref="KeyFile"/>.</summary>
    public IReadOnlyList<ApiKey> FileKeys { get; internal init; } = [];

    /// <summary>Whether callers have to authenticate. Without, the host listens on loopback addresses and Unix sockets only.</summary>
    public bool NeedsAuthentication => Keys.Count > 0 || KeyFile is not null || Jwt is not null;

    /// <summary>Whether the pages of an origin may call the host.</summary>
    public bool AllowsOrigin(string origin) => origin.Length > 0 && AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
