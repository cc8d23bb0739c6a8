using Npgsql;

namespace PluginHost.Postgres;

/// <summary>What messages call a database. Has no secret.</summary>
/// <param name="Server">Host and port, in quotation marks.</param>
/// <param name="User">The user.</param>
/// <param name="Database">The database.</param>
/// <param name="Schema">The schema of the tables.</param>
internal sealed record DatabaseNames(string Server, string User, string Database, string Schema)
{
    public static DatabaseNames From(NpgsqlConnectionStringBuilder settings, string schema)
    {
        var user = settings.Username ?? Environment.UserName;
        // The path of a Unix socket has no port to show; a list of hosts has them already.
        var host = settings.Host!.IndexOfAny(['/', ':', ',']) >= 0 ? settings.Host : $"{settings.Host}:{settings.Port}";
        return new DatabaseNames($"'{host}'", user, settings.Database ?? user, schema);
    }
}
