using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The database could not be reached, read or written. The message names cause and remedy.</summary>
/// <param name="message">Cause and remedy for an operator.</param>
/// <param name="innerException">Npgsql's error; null when the error is the store's.</param>
public sealed class PostgresStoreException(string message, Exception? innerException = null) : StorageException(message, innerException)
{
    /// <summary>Whether the server could not be reached, so that a later try may succeed without a change.</summary>
    internal bool IsUnreachable { get; private init; }

    /// <summary>Whether the same write was sent before the try that failed so: that may be stored.</summary>
    internal bool IsRepeated { get; set; }

    /// <param name="exception">What Npgsql threw.</param>
    /// <param name="names">What the message calls the database.</param>
    internal static PostgresStoreException From(Exception exception, DatabaseNames names) => exception switch
    {
        PostgresStoreException known => known,
        PostgresException e => new PostgresStoreException(Describe(e, names), e) { IsUnreachable = IsAway(e.SqlState) },
        _ => new PostgresStoreException(DescribeLoss(exception, names), exception) { IsUnreachable = true },
    };

    private static string DescribeLoss(Exception e, DatabaseNames names) => e is TimeoutException or { InnerException: TimeoutException }
        ? $"PostgreSQL at {names.Server} did not answer in time ({e.Message}). Check the load of the server and the network."
        : $"PostgreSQL at {names.Server} cannot be reached ({e.Message}). Check that the server runs, and Host and Port of ConnectionString.";

    /// <summary>Whether the server answers, but takes no commands: it starts, stops, or has no free connection.</summary>
    private static bool IsAway(string sqlState) => sqlState is
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections
        || sqlState.StartsWith("08", StringComparison.Ordinal);

    private static string Describe(PostgresException e, DatabaseNames names)
    {
        var (server, user, database, schema) = names;
        return e.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"PostgreSQL at {server} refuses the user '{user}' ({e.MessageText}). Check Username and Password of ConnectionString, and the server's pg_hba.conf.",
            PostgresErrorCodes.InvalidCatalogName =>
                $"PostgreSQL at {server} has no database '{database}'. Create it with: CREATE DATABASE \"{database}\" OWNER \"{user}\". Or set Database in ConnectionString.",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"The user '{user}' lacks a right in the database '{database}' at {server} ({e.MessageText}). " +
                $"Let the user own the schema: CREATE SCHEMA {schema} AUTHORIZATION \"{user}\"; or: GRANT CREATE ON DATABASE \"{database}\" TO \"{user}\".",
            PostgresErrorCodes.TooManyConnections =>
                $"PostgreSQL at {server} has no free connection. Raise max_connections, or lower Maximum Pool Size in ConnectionString (20 by default, for each host).",
            PostgresErrorCodes.CannotConnectNow => $"PostgreSQL at {server} is starting or stopping. It will be used as soon as it accepts connections.",
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => $"PostgreSQL at {server} was stopped. It will be used as soon as it accepts connections.",
            PostgresErrorCodes.DiskFull => $"The disk of PostgreSQL at {server} is full. Free disk space; no restart of the host is needed.",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                $"PostgreSQL at {server} is read-only, for example a standby. Connect to the primary, or add Target Session Attributes=primary to ConnectionString.",
            PostgresErrorCodes.QueryCanceled => $"PostgreSQL at {server} cancelled a command, because it took too long or an operator ended it. Check the load of the server.",
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedFunction =>
                $"Tables are missing in the database '{database}' at {server} ({e.MessageText}). Restore them, or restart the host to create them again.",
            PostgresErrorCodes.UniqueViolation when e.ConstraintName == "messages_by_message" => $"Duplicate message: the database '{database}' already holds a message with the same id in this session.",
            _ => $"PostgreSQL at {server} failed: {e.MessageText} ({e.SqlState}).",
        };
    }
}
