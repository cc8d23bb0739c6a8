using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <content>Readiness.</content>
internal sealed partial class Database
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(1);

    // Changes nothing, and fails where other writes fail.
    private static readonly Statement Probe = new("UPDATE ~.schema_version SET version = version");

    private static readonly Statement Ask = new("SELECT 1");

    /// <returns>Healthy, or cause and remedy. Asks the server unless a call has succeeded a short time ago; after a failed write, writes.</returns>
    public async ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        if (_isOpen && !_isFailing && !_hasFailedWrite && _time.GetElapsedTime(Volatile.Read(ref _lastSuccess)) < Recent) return PluginHealth.Healthy;
        try
        {
            if (_hasFailedWrite) await WriteAsync("probe", [Probe], cancellationToken);
            else await ReadAsync("ask", Ask, static (_, _) => Task.FromResult(true), cancellationToken);
            return PluginHealth.Healthy;
        }
        catch (PostgresStoreException e)
        {
            return PluginHealth.Unhealthy(e.Message);
        }
    }
}
