namespace PluginHost.WebConsole.Api;

public sealed record ApiConfiguration(IReadOnlyList<ApiConfigurationFile> Files, IReadOnlyList<ApiSetting> Overrides, IReadOnlyList<ApiSetting> Values)
{
    public IReadOnlyList<string> Warnings { get => field ?? []; init; }

    public IReadOnlyList<string> NeedsRestart { get => field ?? []; init; }
}

/// <summary>A file as it was read, without its secrets.</summary>
public sealed record ApiConfigurationFile(string Path, bool Changed, IReadOnlyList<string> Lines);

/// <summary>What a reload would do.</summary>
public sealed record ApiCheck(bool Valid, IReadOnlyList<ApiConfigurationError> Errors, IReadOnlyList<ApiConfigurationError> Warnings)
{
    public IReadOnlyList<string> Agents { get => field ?? []; init; }

    public IReadOnlyList<string> Applied { get => field ?? []; init; }

    public IReadOnlyList<string> NeedsRestart { get => field ?? []; init; }
}

public sealed record ApiConfigurationError(string Path, string Message)
{
    public string? Allowed { get; init; }

    public int? Line { get; init; }
}
