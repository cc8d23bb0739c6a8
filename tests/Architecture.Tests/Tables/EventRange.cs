namespace PluginHost.Architecture.Tables;

/// <summary>The ids of log messages that a folder may use, with the folders below it.</summary>
/// <param name="First">The first id.</param>
/// <param name="Last">The last id.</param>
/// <param name="Folder">Below src, for example <c>Engine/Runs</c>.</param>
/// <param name="Logs">What its messages are about.</param>
internal sealed record EventRange(int First, int Last, string Folder, string Logs)
{
    public static IReadOnlyList<EventRange> All { get; } =
    [
        new(1, 99, "Host/Http", "requests that are refused or fail, sockets, keys and tokens"),
        new(100, 119, "Engine/Chains", "chains that are built, replaced and stopped"),
        new(120, 129, "Engine/Calls", "calls of plugins"),
        new(130, 149, "Engine/Plugins", "plugins that are loaded and made"),
        new(200, 219, "Engine/Runs", "runs and what follows them"),
        new(220, 239, "Engine/Sessions", "sessions outside of runs, and retention"),
        new(300, 319, "Host/Telemetry", "telemetry that is exported or lost"),
        new(320, 339, "Host/ModelClients", "calls of models that fail"),
        new(400, 419, "Host/Hosting", "start, reload and stop"),
    ];

    public bool Covers(string project, string folder) => $"{project}/{folder}/".StartsWith($"{Folder}/", StringComparison.Ordinal);

    /// <summary>The table as docs/architecture.md shows it.</summary>
    public static string ToMarkdown() => string.Join('\n',
    [
        "| ids | folder | messages about |", "|---|---|---|", .. All.Select(r => $"| {r.First}–{r.Last} | `{r.Folder}` | {r.Logs} |"),
    ]);
}
