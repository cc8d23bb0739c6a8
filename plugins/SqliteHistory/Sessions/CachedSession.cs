using PluginHost.Sdk;
using PluginHost.Shared.Caches;

namespace PluginHost.Sqlite;

/// <summary>A cached session record.</summary>
internal sealed class CachedSession(SessionRecord record) : ICacheValue
{
    private const int Overhead = 1500;

    public SessionRecord Record { get; } = record;

    public long Size { get; } = Overhead + RecordSize.Measure(record);
}
