using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads the root of the configuration into the model.</summary>
internal sealed class HostReader(HostPaths paths, IReadOnlyDictionary<string, string> environment, List<ConfigurationError> errors)
{
    public HostConfiguration Read(SectionReader root)
    {
        var defaults = root.Section("Plugins")?.Sections().Select(s => s.Reader.Raw).ToList() ?? [];
        var entries = new EntryReader(root, defaults);
        var agents = root.Section("Agents")?.Sections() ?? [];
        var configuration = new HostConfiguration
        {
            PluginDefaults = defaults,
            Agents = [.. agents.Select(a => AgentReader.Read(a.Name, a.Reader, entries))],
            Sessions = root.Section("Sessions") is { } sessions ? ReadSessions(sessions, entries) : new(),
            Server = new ServerReader(paths, environment, errors).Read(root.Section("Server")),
            Telemetry = root.Section("Telemetry") is { } telemetry ? ReadTelemetry(telemetry) : new(),
            PluginFolders = ReadFolders(root),
            PluginTrust = root.Section("PluginTrust") is { } trust ? PluginTrustConfiguration.Read(trust) : new(),
            Logging = root.Section("Logging") is { } logging ? Flatten(logging.Raw) : new Dictionary<string, string?>(),
        };
        root.Finish();
        return configuration;
    }

    private static SessionsConfiguration ReadSessions(SectionReader reader, EntryReader entries)
    {
        var defaults = new SessionsConfiguration();
        var result = new SessionsConfiguration
        {
            Store = reader.Section("Store") is { } store ? entries.Read(store, 0, EntryPlace.SessionStore) : null,
            QueueWhenBusy = reader.Choice("Busy", ("queue", true), ("reject", false)) ?? defaults.QueueWhenBusy,
            QueueLimit = reader.Int32("QueueLimit", 1, 100_000) ?? defaults.QueueLimit,
            QueueTimeout = reader.Duration("QueueTimeout") ?? defaults.QueueTimeout,
            RunTimeout = reader.Duration("RunTimeout") ?? defaults.RunTimeout,
            CompleteOnDisconnect = reader.Choice("OnDisconnect", ("complete", true), ("cancel", false)) ?? defaults.CompleteOnDisconnect,
            IdempotencyKeyLifetime = reader.Duration("IdempotencyKeyLifetime", TimeSpan.FromDays(366)) ?? defaults.IdempotencyKeyLifetime,
            MaxStateBytes = reader.Int32("MaxStateBytes", 1024, 64 * 1024 * 1024) ?? defaults.MaxStateBytes,
            MaxInputMessages = reader.Int32("MaxInputMessages", 1, 100_000) ?? defaults.MaxInputMessages,
            MaxMessageBytes = reader.Int32("MaxMessageBytes", 1024, 1024 * 1024 * 1024) ?? defaults.MaxMessageBytes,
            MaxConcurrentRuns = reader.Int32("MaxConcurrentRuns", 1, 1_000_000) ?? defaults.MaxConcurrentRuns,
            MaxSessions = reader.Int32("MaxSessions", 1, int.MaxValue) ?? defaults.MaxSessions,
            Retention = reader.Section("Retention") is { } retention ? ReadRetention(retention) : defaults.Retention,
        };
        reader.Finish();
        return result;
    }

    private static RetentionConfiguration ReadRetention(SectionReader reader)
    {
        var defaults = new RetentionConfiguration();
        var result = new RetentionConfiguration
        {
            IdleFor = reader.Duration("IdleFor", TimeSpan.FromDays(36_500)),
            Every = reader.Duration("Every") ?? defaults.Every,
            BatchSize = reader.Int32("BatchSize", 1, 10_000) ?? defaults.BatchSize,
        };
        reader.Finish();
        return result;
    }

    private static TelemetryConfiguration ReadTelemetry(SectionReader reader)
    {
        var defaults = new TelemetryConfiguration();
        var result = new TelemetryConfiguration
        {
            KeptTraces = reader.Int32("KeptTraces", 0, 10_000) ?? defaults.KeptTraces,
            TracesPerSecond = reader.Int32("TracesPerSecond", 1, 1_000_000) ?? defaults.TracesPerSecond,
        };
        reader.Finish();
        return result;
    }

    private List<string> ReadFolders(SectionReader root)
    {
        var folders = new List<string> { Path.Combine(paths.BaseDirectory, "plugins") };
        var given = root.Texts("PluginFolders") ?? [];
        for (var i = 0; i < given.Count; i++)
        {
            var folder = Path.TrimEndingDirectorySeparator(paths.Resolve(given[i]));
            if (!Directory.Exists(folder)) errors.Add(new(
                $"PluginFolders:{i}",
                $"There is no folder '{folder}'.",
                "Create it, or take it off the list."));
            else if (!folders.Contains(folder)) folders.Add(folder);
        }

        return folders;
    }

    private static Dictionary<string, string?> Flatten(OptionsSection section)
    {
        var flat = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Add(section.Json, section.Path);
        return flat;

        void Add(JsonNode? node, string path)
        {
            if (node is JsonObject members)
            {
                foreach (var (name, value) in members) Add(value, $"{path}:{name}");
            }
            else if (node is JsonArray items)
            {
                for (var i = 0; i < items.Count; i++) Add(items[i], $"{path}:{i}");
            }
            else
            {
                flat[path] = node?.ToString();
            }
        }
    }
}
