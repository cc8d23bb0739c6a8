using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// One schema that all histories and session stores with the same connection string and schema share, with its pool of connections.
/// Opened on first use or at start. Thread-safe.
/// </summary>
internal sealed partial class Database : IAsyncDisposable
{
    private readonly DatabaseNames _names;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly Spans _spans;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, string> _sql = new(StringComparer.Ordinal);
    private readonly NpgsqlDataSource _leaseSource;
    private volatile NpgsqlDataSource _source;
    private volatile bool _isOpen;
    private Task? _opening;

    private Database(PostgresOptions options, PluginContext context)
    {
        _settings = ConnectionSettings.Read(options.ConnectionString);
        _source = NpgsqlDataSource.Create(_settings);
        _leaseSource = NpgsqlDataSource.Create(ConnectionSettings.ForLeases(_settings));
        _names = DatabaseNames.From(_settings, options.Schema);
        (_logger, _time) = (context.Logger, context.TimeProvider);
        _spans = new Spans(context.ActivitySource, _names.Database, _settings.Host!);
        Corrupt = new CorruptRecords(_names.Server, _logger);
        Fences = new SessionFences(this, _time);
        Cache = new SessionCache(Fences, () => _isFailing);
        Groups = new SaveGroups(this);
    }

    public CorruptRecords Corrupt { get; }

    /// <summary>The sessions of this host.</summary>
    public SessionFences Fences { get; }

    /// <summary>What is known of them.</summary>
    public SessionCache Cache { get; }

    /// <summary>Writes saves together.</summary>
    public SaveGroups Groups { get; }

    /// <summary>The steps of the schema that this host knows.</summary>
    public IReadOnlyList<MigrationStep> Steps { get; init; } = Tables.Steps;

    /// <summary>Gets the database of an entry's options, the same object for all entries with the same ones.</summary>
    public static Database Share(PostgresOptions options, PluginContext context)
    {
        // The key may be shown, so it has no secret.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Schema}\n{options.ConnectionString.Reveal()}"));
        return context.Share(Convert.ToHexString(hash), () => new Database(options, context));
    }

    /// <summary>Opens the database. A server that cannot be reached is no error: the first call that reaches it opens the database.</summary>
    /// <exception cref="PostgresStoreException">The server refuses the user or the schema: a later try would fail too.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken);
        }
        catch (PostgresStoreException e) when (e.IsUnreachable)
        {
            _isFailing = true;
            Log.StartsWithout(_logger, e.Message);
        }
    }

    /// <summary>The time of the clock that measures leases.</summary>
    public long GetTimestamp() => _time.GetTimestamp();

    /// <summary>The clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>How many connections there may be, without those of the lease.</summary>
    public int MaxConnections => _settings.MaxPoolSize;

    public async ValueTask DisposeAsync()
    {
        await _leaseSource.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (_isOpen) return;
        Task opening;
        lock (_gate)
        {
            if (_isOpen) return;
            // Callers share an attempt, so that they do not wait for each other's timeouts.
            if (_opening is not { IsCompleted: false }) _opening = OpenOnceAsync();
            opening = _opening;
        }

        await opening.WaitAsync(cancellationToken);
    }

    private async Task OpenOnceAsync()
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(CancellationToken.None);
            var (found, now) = await new Migration(_names, Steps).RunAsync(connection, CancellationToken.None);
            if (found == now) Log.Opened(_logger, _names.Schema, _names.Server, now);
            else Log.Migrated(_logger, _names.Schema, _names.Server, found, now);
            await WarnIfNotDurableAsync(connection, CancellationToken.None);
            if (await IsDirectAsync(connection, CancellationToken.None)) await ConnectDirectlyAsync();
            _isOpen = true;
        }
        catch (Exception e) when (IsOfDatabase(e))
        {
            throw PostgresStoreException.From(e, _names);
        }
    }

    /// <summary>Whether the server itself answers, and the next statement of a connection comes to the same process. Behind PgBouncer they differ.</summary>
    private static async Task<bool> IsDirectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return (int)(await read.ExecuteScalarAsync(cancellationToken))! == connection.ProcessID;
    }

    /// <summary>Uses connections with settings that need a direct connection from now on. Nothing else has a connection before the database is open.</summary>
    private async Task ConnectDirectlyAsync()
    {
        var first = _source;
        _source = ConnectionSettings.CreateDirect(_settings);
        await first.DisposeAsync();
    }

    private async Task WarnIfNotDurableAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'", connection);
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken)) Log.NotDurable(_logger, _names.Server, rows.GetString(0));
    }

    private string ToSql(string text) => _sql.GetOrAdd(text, static (t, schema) => t.Replace("~.", $"\"{schema}\".", StringComparison.Ordinal), _names.Schema);
}
