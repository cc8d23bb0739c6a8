namespace PluginHost.Postgres.Tests.Server;

/// <summary>The programs of a PostgreSQL server on this machine.</summary>
internal static class PostgresPrograms
{
    /// <summary>The variable that names their folder.</summary>
    public const string Variable = "PLUGINHOST_TEST_POSTGRES";

    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>Their folder.</summary>
    public static string Folder => Found.Value ?? throw new InvalidOperationException(Missing);

    /// <summary>Why the tests cannot run; null when they can.</summary>
    public static string? Missing => Found.Value is null
        ? $"No PostgreSQL server is installed (apt-get install postgresql). {Variable} names the folder of another one, with initdb and postgres."
        : null;

    private static string? Find()
    {
        if (OperatingSystem.IsWindows()) return null;
        if (Environment.GetEnvironmentVariable(Variable) is { } folder) return folder;
        const string debian = "/usr/lib/postgresql";
        string[] versions = Directory.Exists(debian) ? [.. Directory.GetDirectories(debian).OrderByDescending(static v => v, StringComparer.Ordinal)] : [];
        return versions.Select(v => Path.Combine(v, "bin")).Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")) && File.Exists(Path.Combine(f, "postgres")));
    }
}
