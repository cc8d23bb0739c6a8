using PluginHost.Shared.Caches;

namespace PluginHost.Files.Sessions;

/// <summary>A session's record in memory: the bytes of its file, so that it holds no object of others. Thread-safe.</summary>
/// <param name="file">The bytes.</param>
/// <param name="record">The record, when it was read; null to read it on first use.</param>
internal sealed class CachedRecord(byte[] file, SessionRecord? record = null) : ICacheValue
{
    private const int Overhead = 1500, Copies = 4;

    private SessionRecord? _record = record;

    /// <summary>The approximate memory in bytes.</summary>
    public long Size => Overhead + ((long)Copies * file.Length);

    public SessionRecord Record => Volatile.Read(ref _record) ?? Interlocked.CompareExchange(ref _record, RecordJson.ReadSession(file).Record, null) ?? _record!;
}
