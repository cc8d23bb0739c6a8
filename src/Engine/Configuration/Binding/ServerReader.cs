using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads how the host listens, whom it lets in, and what it takes.</summary>
internal sealed class ServerReader(HostPaths paths, IReadOnlyDictionary<string, string> environment, List<ConfigurationError> errors)
{
    public ServerConfiguration Read(SectionReader? reader)
    {
        var keys = new KeySources(paths, environment, errors).Read(reader);
        if (reader is null) return new ServerConfiguration { ApiKeys = keys };
        var defaults = new ServerConfiguration();
        var keyFile = reader.Text("KeyFile") is { } file ? paths.Resolve(file) : null;
        var result = new ServerConfiguration
        {
            Listen = reader.Texts("Listen") ?? defaults.Listen,
            ApiKeys = keys,
            KeyFile = keyFile,
            FileKeys = keyFile is null ? [] : KeyFile.Read(keyFile, errors),
            Jwt = reader.Section("Jwt") is { } jwt ? new JwtReader(paths).Read(jwt) : null,
            AllowedHosts = ReadHosts(reader),
            MaxBodyBytes = reader.Int64("MaxBodyBytes", 1024, 1024L * 1024 * 1024) ?? defaults.MaxBodyBytes,
            MaxConnections = reader.Int32("MaxConnections", 1, 1_000_000) ?? defaults.MaxConnections,
            MaxConcurrentRequests = reader.Int32("MaxConcurrentRequests", 1, 1_000_000) ?? defaults.MaxConcurrentRequests,
            RequestsPerSecond = reader.Int32("RequestsPerSecond", 1, 1_000_000) ?? defaults.RequestsPerSecond,
            HeaderTimeout = reader.Duration("HeaderTimeout", TimeSpan.FromMinutes(5)) ?? defaults.HeaderTimeout,
            MinBytesPerSecond = reader.Int32("MinBytesPerSecond", 1, 1_000_000) ?? defaults.MinBytesPerSecond,
            ShutdownTimeout = reader.Duration("ShutdownTimeout", TimeSpan.FromHours(1)) ?? defaults.ShutdownTimeout,
        };
        reader.Finish();
        if (result.FileKeys.Any(f => keys.Any(k => k.Hash == f.Hash && k != f)))
            reader.Wrong("KeyFile", "A key of the file is also one of Server:ApiKeys, for another tenant or right.", "Give each its own key.");
        return result;
    }

    private static IReadOnlyList<string> ReadHosts(SectionReader reader)
    {
        var hosts = reader.Texts("AllowedHosts") ?? [];
        for (var i = 0; i < hosts.Count; i++)
        {
            // A wildcard would let every name of a rebinding attacker in, and a port is not compared.
            if (Uri.CheckHostName(hosts[i]) == UriHostNameType.Unknown)
                reader.Wrong($"AllowedHosts:{i}", $"'{hosts[i]}' is not a host name.", "Allowed are a name or an IP address, without scheme, port and wildcard.");
        }

        return hosts;
    }
}
