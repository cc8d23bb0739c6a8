using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace PluginHost.Postgres;

/// <summary>Reads documents. Logs each that cannot be read once, so that lists continue without it. Thread-safe.</summary>
internal sealed class CorruptRecords(string server, ILogger logger)
{
    private const int MaxReported = 1000;

    private readonly ConcurrentDictionary<(string Kind, string Id), bool> _reported = new();

    /// <returns>The record; null, with a log line, when its document cannot be read.</returns>
    public T? Read<T>(string kind, string id, byte[] document, Func<byte[], T> read)
        where T : class
    {
        try
        {
            return read(document);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)
        {
            if (_reported.Count >= MaxReported) _reported.Clear();
            if (_reported.TryAdd((kind, id), true)) Log.CorruptRecord(logger, kind, id, server, exception.Message);
            return null;
        }
    }
}
