using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The connection string with the plugin's defaults. What the operator's string sets is kept.</summary>
internal static class ConnectionSettings
{
    private const string PreparedStatements = "Max Auto Prepare";

    /// <summary>More than the plugin has statements.</summary>
    private const int MaxPreparedStatements = 100;

    // The locks of a write of which only a part has arrived must not outlast the lease of its host by much. The system's default is hours.
    private const string SetKeepalive =
        """
        SELECT set_config(s.name, v.value, false)
        FROM (VALUES ('tcp_keepalives_idle', '3'), ('tcp_keepalives_interval', '1'), ('tcp_keepalives_count', '3')) AS v(name, value)
        JOIN pg_settings s ON s.name = v.name WHERE s.source = 'default'
        """;

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

    /// <summary>
    /// Creates connections that reach the server itself. Unless the operator has set that, they prepare statements that they use often, and the server ends
    /// the transactions of a machine that is lost.
    /// </summary>
    public static NpgsqlDataSource CreateDirect(NpgsqlConnectionStringBuilder settings)
    {
        var direct = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        if (!settings.ShouldSerialize(PreparedStatements)) direct.MaxAutoPrepare = MaxPreparedStatements;
        var builder = new NpgsqlDataSourceBuilder(direct.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            static connection =>
            {
                using var command = new NpgsqlCommand(SetKeepalive, connection);
                command.ExecuteNonQuery();
            },
            static async connection =>
            {
                await using var command = new NpgsqlCommand(SetKeepalive, connection);
                await command.ExecuteNonQueryAsync();
            });
        return builder.Build();
    }

    /// <summary>The same settings for the renewal of the lease: it waits for no other call, and fails while there is time for another try.</summary>
    public static NpgsqlConnectionStringBuilder ForLeases(NpgsqlConnectionStringBuilder settings) =>
        new(settings.ConnectionString) { MinPoolSize = 0, MaxPoolSize = 2, Timeout = 3, CommandTimeout = 3, CancellationTimeout = -1 };

    private static void AddDefault(NpgsqlConnectionStringBuilder settings, string keyword, object value)
    {
        if (!settings.ShouldSerialize(keyword)) settings[keyword] = value;
    }
}
