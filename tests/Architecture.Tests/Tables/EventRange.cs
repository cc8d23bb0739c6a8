namespace PluginHost.Architecture.Tables;

/// <summary>The ids of log messages that some folders may use, with the folders below them.</summary>
/// <param name="First">The first id.</param>
/// <param name="Last">The last id.</param>
/// <param name="Logs">What its messages are about.</param>
/// <param name="Folders">Below src, for example <c>Engine/Runs</c>.</param>
internal sealed record EventRange(int First, int Last, string Logs, params string[] Folders)
{
    public static IReadOnlyList<EventRange> All { get; } =
    [
        new(1, 99, "requests that are refused or fail, sockets, keys and tokens", "Host/Http"),
        new(100, 119, "chains that are built, replaced and stopped", "Engine/Chains"),
        new(120, 129, "calls of plugins", "Engine/Calls"),
        new(130, 149, "plugins that are loaded and made", "Engine/Plugins"),
        new(240, 259, "the journal of runs, and the runs of earlier processes", "Engine/Runs/Journal"),
        new(200, 219, "runs and what follows them", "Engine/Runs"),
        new(260, 269, "the hosts that share a store", "Engine/Sessions/Hosts"),
        new(220, 239, "sessions outside of runs, and retention", "Engine/Sessions"),
        new(270, 279, "what plugins keep of users", "Engine/Users"),
        new(300, 319, "telemetry that is exported or lost", "Host/Telemetry"),
        new(320, 339, "calls of models that fail", "Host/ModelClients"),
        new(400, 419, "start, reload and stop", "Engine/Hosting", "Host/Hosting"),
    ];

    public bool Covers(string project, string folder) => Folders.Any(f => $"{project}/{folder}/".StartsWith($"{f}/", StringComparison.Ordinal));

    /// <summary>The table as docs/architecture.md shows it.</summary>
    public static string ToMarkdown() => string.Join('\n',
    [
        "| ids | folders | messages about |", "|---|---|---|", .. All.Select(r => $"| {r.First}–{r.Last} | {string.Join(", ", r.Folders.Select(f => $"`{f}`"))} | {r.Logs} |"),
    ]);
}
