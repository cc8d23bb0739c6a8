using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Engine.Hosting;

/// <summary>Which settings differ between two configurations, by their paths in the file.</summary>
/// <param name="Applied">Those that a reload applies.</param>
/// <param name="NeedRestart">Those that differ from the start of the process and apply when it starts again.</param>
internal sealed record SettingChanges(IReadOnlyList<string> Applied, IReadOnlyList<string> NeedRestart)
{
    private static readonly string[] AtStart = ["Server", "Logging", "Telemetry", "Explain", "Cluster", "PluginLoading:Cache"];

    /// <param name="start">What the process started with.</param>
    /// <param name="before">What serves before.</param>
    /// <param name="after">What serves then.</param>
    public static SettingChanges Between(LoadResult start, LoadResult before, LoadResult after) => new(
        [.. Differences(before, after).Where(p => !IsAtStart(p))],
        [.. Differences(start, after).Where(IsAtStart)]);

    private static IEnumerable<string> Differences(LoadResult before, LoadResult after)
    {
        if (before.Root is null || after.Root is null || ReferenceEquals(before, after)) return [];
        var (old, now) = (before.Root.Flatten(), after.Root.Flatten());
        return old.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase)
            .Where(k => !old.TryGetValue(k, out var was) || !now.TryGetValue(k, out var value) || was != value)
            .Select(k => k.TrimStart(':')).Order(StringComparer.Ordinal);
    }

    /// <summary>A reload applies the keys of the API, and nothing else of the server.</summary>
    private static bool IsAtStart(string path) => AtStart.Any(s => IsIn(path, s)) && !IsIn(path, "Server:ApiKeys");

    private static bool IsIn(string path, string section) =>
        path.StartsWith(section, StringComparison.OrdinalIgnoreCase) && (path.Length == section.Length || path[section.Length] == ':');
}
