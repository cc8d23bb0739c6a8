using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The connection string with the plugin's defaults. What the operator's string sets is kept.</summary>
internal static class ConnectionSettings
{
    private const string PreparedStatements = "Max Auto Prepare";

    /// <summary>More than the plugin has statements.</summary>
    private const int MaxPreparedStatements = 100;

    private const string Form = "Write it as Host=db;Database=pluginhost;Username=pluginhost;Password=…";

    /// <returns>What is wrong with a connection string, without any part of it; null for nothing.</returns>
    public static string? FindError(Secret connectionString)
    {
        var text = connectionString.Reveal();
        if (text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
            return $"This is a URI, which Npgsql does not read. {Form}.";
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrWhiteSpace(settings.Host) ? $"The connection string names no Host. {Form}."
                : settings.Multiplexing ? "Multiplexing is not supported. Remove it from the connection string."
                : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The exception's message has parts of the string.
            return $"This is not a connection string of Npgsql. {Form}, with the keywords of npgsql.org/doc/connection-string-parameters.html.";
        }
    }

    /// <summary>Reads a connection string and adds the plugin's defaults.</summary>
    public static NpgsqlConnectionStringBuilder Read(Secret connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString.Reveal());
        AddDefault(settings, "Application Name", "pluginhost");
        AddDefault(settings, "Timeout", 5);
        AddDefault(settings, "Command Timeout", 10);
        AddDefault(settings, "Maximum Pool Size", 20);
        AddDefault(settings, "Tcp Keepalive", true);
        // The plugin leaves nothing in a session of the server that a reset would have to remove.
        AddDefault(settings, "No Reset On Close", true);
        return settings;
    }

    /// <summary>Whether the operator leaves it to the plugin whether statements are prepared.</summary>
    public static bool MayPrepare(NpgsqlConnectionStringBuilder settings) => !settings.ShouldSerialize(PreparedStatements);

    /// <summary>The same settings, with statements that are prepared when a connection uses them often.</summary>
    public static NpgsqlConnectionStringBuilder WithPreparedStatements(NpgsqlConnectionStringBuilder settings) =>
        new(settings.ConnectionString) { MaxAutoPrepare = MaxPreparedStatements };

    private static void AddDefault(NpgsqlConnectionStringBuilder settings, string keyword, object value)
    {
        if (!settings.ShouldSerialize(keyword)) settings[keyword] = value;
    }
}
