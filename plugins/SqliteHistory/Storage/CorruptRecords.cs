using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>Reads the JSON of rows. Logs each record that cannot be read once, so that lists continue without it. Thread-safe.</summary>
internal sealed class CorruptRecords(string path, ILogger logger)
{
    private const int MaxReported = 1000;

    private readonly ConcurrentDictionary<(string Kind, string Id), bool> _reported = new();

    /// <summary>Reads a record.</summary>
    /// <returns>The default, with a log line, when its JSON cannot be read.</returns>
    public T? Read<T>(string kind, string id, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)
        {
            if (_reported.Count >= MaxReported) _reported.Clear();
            if (_reported.TryAdd((kind, id), true)) Log.CorruptRecord(logger, kind, id, path, exception.Message);
            return null;
        }
    }
}
