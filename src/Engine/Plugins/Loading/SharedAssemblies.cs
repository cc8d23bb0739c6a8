using System.Collections.Frozen;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>
/// The assemblies that plugins get from the host and never from their own folder: the SDK, what it exposes, and SQLite, because
/// two native SQLite libraries in one process break each other's locks.
/// </summary>
internal static class SharedAssemblies
{
    public const string Sdk = "PluginHost.Sdk";

    public static IReadOnlyList<string> Names { get; } =
    [
        Sdk,
        "PluginHost.Sdk.Stores",
        "Microsoft.Extensions.AI.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",

        // Exposed by the four above: JSON metadata, meters and activities, and what loggers are registered with.
        "System.Text.Json",
        "System.Diagnostics.DiagnosticSource",
        "Microsoft.Extensions.DependencyInjection.Abstractions",

        "Microsoft.Data.Sqlite",
        "SQLitePCLRaw.core",
        "SQLitePCLRaw.batteries_v2",
        "SQLitePCLRaw.provider.e_sqlite3",
    ];

    private static readonly Lazy<FrozenDictionary<string, Version>> Versions = new(() =>
        Names.Select(name => (name, file: HostAssemblies.Find(name))).Where(a => a.file is not null)
            .ToFrozenDictionary(a => a.name, a => HostAssemblies.VersionOf(a.file!), StringComparer.OrdinalIgnoreCase));

    /// <summary>The host's version of a shared assembly; null when it is not shared.</summary>
    public static Version? VersionOf(string name) => Versions.Value.GetValueOrDefault(name);
}
