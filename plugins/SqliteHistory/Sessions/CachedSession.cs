using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>A cached session record.</summary>
internal sealed class CachedSession(SessionRecord record) : ICacheValue
{
    private const int Overhead = 1500;

    public SessionRecord Record { get; } = record;

    public long Size { get; } = Overhead + Length(record.State) + Length(record.Extensions) + record.Metadata.Sum(static m => 100L + m.Key.Length + m.Value.Length);

    private static long Length(IReadOnlyDictionary<string, JsonElement> json) =>
        json.Sum(static j => 100L + j.Key.Length + JsonMarshal.GetRawUtf8Value(j.Value).Length);
}
