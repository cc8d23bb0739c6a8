using System.Globalization;
using Npgsql;

namespace PluginHost.Postgres;

/// <summary>Creates and migrates the schema. Hosts that start at once wait for each other by a lock that ends with the transaction.</summary>
/// <param name="names">Of the database and the schema.</param>
/// <param name="steps">The known steps.</param>
internal sealed class Migration(DatabaseNames names, IReadOnlyList<MigrationStep> steps)
{
    private const int OldestServer = 14;

    // "PHst" in ASCII, so that other programs' locks do not meet these.
    private const int LockSpace = 0x50487374;

    // The table exists only in schemas of this plugin.
    private const string FindVersion =
        """
        SELECT to_regclass($1) IS NOT NULL, EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2)
        """;

    private const string MissingRights =
        """
        SELECT string_agg(DISTINCT r.name || ' on ' || c.relname, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS r(name)
        WHERE n.nspname = $1 AND c.relkind = 'r' AND NOT has_table_privilege(c.oid, r.name)
        """;

    private string Quoted => $"\"{names.Schema}\"";

    /// <summary>Migrates the schema to the newest known version in one transaction.</summary>
    /// <returns>The version that was found and the one that is there now; a newer one that this host can use stays.</returns>
    /// <exception cref="PostgresStoreException">The server is too old, or the schema is newer or another program's.</exception>
    public async Task<(int Found, int Now)> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        CheckServer(connection);
        var found = await ReadVersionAsync(connection, cancellationToken);
        if (found >= steps.Count)
        {
            await CheckRightsAsync(connection, cancellationToken);
            return (found, found);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockSpace}, hashtext('{names.Schema}'))", cancellationToken);
        found = await ReadVersionAsync(connection, cancellationToken);
        if (found == 0) await CreateAsync(connection, cancellationToken);
        for (var step = found; step < steps.Count; step++) await ExecuteAsync(connection, steps[step].Sql.Replace("~.", Quoted + ".", StringComparison.Ordinal), cancellationToken);
        if (found < steps.Count)
        {
            var oldest = steps.Max(static s => s.OldestReader).ToString(CultureInfo.InvariantCulture);
            await ExecuteAsync(connection, $"UPDATE {Quoted}.schema_version SET version = {steps.Count}, oldest_reader = {oldest}", cancellationToken);
        }

        await CheckRightsAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (found, Math.Max(found, steps.Count));
    }

    private void CheckServer(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new PostgresStoreException(
                $"PostgreSQL at {names.Server} has version {connection.PostgreSqlVersion}. Update the server to {OldestServer} or later.");
        }
    }

    /// <returns>The version of the schema; 0 when it has no tables.</returns>
    private async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(FindVersion, connection) { Parameters = { new() { Value = $"{Quoted}.schema_version" }, new() { Value = names.Schema } } };
        var (isOwn, hasTables) = (false, false);
        await using (var row = await find.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            (isOwn, hasTables) = (row.GetBoolean(0), row.GetBoolean(1));
        }

        if (isOwn) return await ReadOwnVersionAsync(connection, cancellationToken);
        return hasTables ? throw CreateForeign() : 0;
    }

    private async Task<int> ReadOwnVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand($"SELECT application, version, oldest_reader FROM {Quoted}.schema_version", connection);
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken) || row.GetString(0) != "pluginhost") throw CreateForeign();
        var (version, oldest) = (row.GetInt32(1), row.GetInt32(2));
        if (oldest <= steps.Count) return version;
        throw new PostgresStoreException(
            $"The schema '{names.Schema}' at {names.Server} has version {version}, which needs a host of version {oldest} or later; this one has " +
            $"version {steps.Count}. Update the plugin, or set Schema to another name.");
    }

    private async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // CREATE SCHEMA needs its right even when the schema exists.
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_namespace WHERE nspname = $1", connection) { Parameters = { new() { Value = names.Schema } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is null) await ExecuteAsync(connection, $"CREATE SCHEMA {Quoted}", cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            CREATE TABLE {Quoted}.schema_version (
                application   text NOT NULL,
                version       integer NOT NULL,
                oldest_reader integer NOT NULL);   -- hosts of this version and later can use the schema
            INSERT INTO {Quoted}.schema_version VALUES ('pluginhost', 0, 0)
            """,
            cancellationToken);
    }

    private async Task CheckRightsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(MissingRights, connection) { Parameters = { new() { Value = names.Schema } } };
        if (await find.ExecuteScalarAsync(cancellationToken) is not string missing) return;
        throw new PostgresStoreException(
            $"The user '{names.User}' lacks rights in the schema '{names.Schema}' at {names.Server}: {missing}. " +
            $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{names.Schema}\" TO \"{names.User}\".");
    }

    private PostgresStoreException CreateForeign() => new(
        $"The schema '{names.Schema}' at {names.Server} has tables of another program. Set Schema to another name.");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
