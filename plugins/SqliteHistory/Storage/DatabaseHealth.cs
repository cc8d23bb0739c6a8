using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>Remembers whether the database is damaged, until it is opened again. Thread-safe.</summary>
internal sealed class DatabaseHealth(string path, ILogger logger)
{
    private string? _damage;

    /// <summary>Cause and remedy; null while no damage is known.</summary>
    public string? Damage => Volatile.Read(ref _damage);

    /// <summary>Records the damage that an exception reports; ignores other exceptions.</summary>
    public void Report(Exception exception)
    {
        if (!SqliteStoreException.IsDamage(exception)) return;
        var damage = SqliteStoreException.From(exception, path).Message;
        if (Interlocked.CompareExchange(ref _damage, damage, null) is not null) return;
        new DamageMarker(path).Write(damage);
        Log.Damaged(logger, damage, exception);
    }
}
