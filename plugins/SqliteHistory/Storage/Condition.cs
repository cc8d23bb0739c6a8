using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>What the writer and the readers have met. Damage stays until the file is opened anew. Thread-safe.</summary>
internal sealed class Condition(string path, ILogger logger)
{
    private string? _damage;

    /// <summary>Cause and cure; null when no damage was met.</summary>
    public string? Damage => Volatile.Read(ref _damage);

    public void Met(Exception exception)
    {
        if (!SqliteStoreException.IsDamage(exception)) return;
        var damage = SqliteStoreException.From(exception, path).Message;
        if (Interlocked.CompareExchange(ref _damage, damage, null) is not null) return;
        new DamageMark(path).Set(damage);
        Log.Damaged(logger, damage, exception);
    }
}
