using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Shared.Caches;

/// <summary>The approximate memory of the parts of a session's record that grow.</summary>
internal static class RecordSize
{
    public static long Measure(SessionRecord record) =>
        Measure(record.State) + Measure(record.Extensions) + record.Metadata.Sum(static m => 100L + m.Key.Length + m.Value.Length);

    private static long Measure(IReadOnlyDictionary<string, JsonElement> json) =>
        json.Sum(static j => 100L + j.Key.Length + JsonMarshal.GetRawUtf8Value(j.Value).Length);
}
