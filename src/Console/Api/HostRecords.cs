using System.Text.Json;

namespace PluginHost.WebConsole.Api;

public sealed record ApiHost(string Version, DateTimeOffset StartedAt, double UptimeSeconds, string Status)
{
    public IReadOnlyList<ApiPluginState> Plugins { get => field ?? []; init; }

    public ApiRunCounts? Runs { get; init; }

    public string? Store { get; init; }

    public IReadOnlyList<ApiSignal> Telemetry { get => field ?? []; init; }

    public string? Restart { get; init; }

    public int? Generation { get; init; }

    public long? MemoryBytes { get; init; }
}

/// <summary>One of the hosts that share a session store.</summary>
public sealed record ApiHostLease(string Id, string Name, string Version, DateTimeOffset StartedAt, int Runs, bool Answers, string Lease, double LeaseSeconds)
{
    /// <summary>Where the others reach it; null when they cannot.</summary>
    public string? Address { get; init; }
}

public sealed record ApiPluginState(string Plugin, string State)
{
    public string? Text { get; init; }
}

public sealed record ApiRunCounts(int Queued, int Running, int Parked, int Sessions);

/// <summary>What was sent and lost of a signal of telemetry.</summary>
public sealed record ApiSignal(string Signal)
{
    public long DroppedItems { get; init; }

    public long RejectedItems { get; init; }

    public long FailedExports { get; init; }
}

public sealed record ApiAgent(string Name, ApiModel Model, IReadOnlyList<ApiChainEntry> Chain);

public sealed record ApiModel(string Client, string? Model)
{
    public IReadOnlyList<ApiSetting> Options { get => field ?? []; init; }
}

public sealed record ApiChainEntry(string Plugin, string Name, string Kind, string Version)
{
    /// <summary>Whether the host added it.</summary>
    public bool? Added { get; init; }

    public IReadOnlyList<ApiSetting> Host { get => field ?? []; init; }

    public IReadOnlyList<ApiSetting> Options { get => field ?? []; init; }

    /// <summary>For admins alone.</summary>
    public ApiCalls? Calls { get; init; }
}

public sealed record ApiCalls(long Count, long Errors)
{
    public double? P95Ms { get; init; }
}

/// <summary>A value in force.</summary>
public sealed record ApiSetting(string Path, ApiSource Source)
{
    public JsonElement? Value { get; init; }

    public bool? Hidden { get; init; }
}

public sealed record ApiSource(string Kind)
{
    public string? Name { get; init; }

    public int? Line { get; init; }
}

public sealed record ApiPlugin(string Name)
{
    public string? State { get; init; }

    public string? Folder { get; init; }

    public string? Kind { get; init; }

    public string? Version { get; init; }

    public string? Sha256 { get; init; }

    public string? SdkVersion { get; init; }

    public string? Summary { get; init; }

    public int? Generation { get; init; }

    public IReadOnlyList<string> Errors { get => field ?? []; init; }

    public IReadOnlyList<ApiPluginUse> Uses { get => field ?? []; init; }

    public IReadOnlyList<ApiPluginOption> Options { get => field ?? []; init; }
}

/// <summary>An entry that uses a plugin.</summary>
public sealed record ApiPluginUse(string Name, string Path)
{
    /// <summary>Null for the session store.</summary>
    public string? Agent { get; init; }
}

public sealed record ApiPluginOption(string Name, string Type)
{
    public string? Default { get; init; }

    public string? Description { get; init; }
}

public sealed record ApiGeneration(int Number, string State, string Cause, DateTimeOffset CreatedAt, double BuildMs)
{
    public IReadOnlyList<string> Agents { get => field ?? []; init; }

    public IReadOnlyList<ApiPluginChange> Plugins { get => field ?? []; init; }
}

public sealed record ApiPluginChange(string Name)
{
    public ApiPluginBuild? From { get; init; }

    public ApiPluginBuild? To { get; init; }
}

public sealed record ApiPluginBuild(string Version);

public sealed record ApiReload(int Generation)
{
    public IReadOnlyList<string> Agents { get => field ?? []; init; }

    public IReadOnlyList<ApiPluginChange> Plugins { get => field ?? []; init; }

    public IReadOnlyList<string> Warnings { get => field ?? []; init; }

    public IReadOnlyList<string> Applied { get => field ?? []; init; }

    public IReadOnlyList<string> NeedsRestart { get => field ?? []; init; }
}
