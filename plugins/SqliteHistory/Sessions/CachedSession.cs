using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>A session record that is kept in memory.</summary>
internal sealed class CachedSession(SessionRecord record) : ICached
{
    private const int Overhead = 1500;

    public SessionRecord Record { get; } = record;

    public long Cost { get; } = Overhead + Length(record.State) + Length(record.Extensions) + record.Metadata.Sum(static m => 100L + m.Key.Length + m.Value.Length);

    private static long Length(IReadOnlyDictionary<string, JsonElement> json) =>
        json.Sum(static j => 100L + j.Key.Length + JsonMarshal.GetRawUtf8Value(j.Value).Length);
}
