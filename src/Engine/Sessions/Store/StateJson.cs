using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>State and metadata of sessions as JSON: reading, merging (RFC 7396), measuring.</summary>
internal static class StateJson
{
    /// <summary>State by scope.</summary>
    /// <exception cref="ProblemException">400 when a scope is not an object.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Read(JsonObject? state, string path)
    {
        var read = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var errors = new List<ProblemError>();
        foreach (var (scope, value) in state ?? [])
        {
            if (value is JsonObject) read[scope] = Element(value);
            else errors.Add(new($"{path}.{scope}", "is not an object", "an object with the plugin's state"));
        }

        return errors.Count == 0 ? read : throw ProblemException.Invalid(errors);
    }

    /// <exception cref="ProblemException">400 when a scope of the result is not an object.</exception>
    public static IReadOnlyDictionary<string, JsonElement> Merge(IReadOnlyDictionary<string, JsonElement> old, JsonObject patch)
    {
        var merged = new JsonObject();
        foreach (var (scope, value) in old) merged[scope] = JsonObject.Create(value);
        return Read(MergePatch(merged, patch) as JsonObject, "state");
    }

    /// <exception cref="ProblemException">400 when a value is not a string, or there are too many in the end.</exception>
    public static IReadOnlyDictionary<string, string> MergeMetadata(IReadOnlyDictionary<string, string> old, JsonObject patch)
    {
        var merged = new Dictionary<string, string>(old, StringComparer.Ordinal);
        var errors = new List<ProblemError>();
        foreach (var (key, value) in patch)
        {
            if (value is null) merged.Remove(key);
            else if (value.GetValueKind() == JsonValueKind.String) merged[key] = value.GetValue<string>();
            else errors.Add(new($"metadata.{key}", $"is {value.GetValueKind()}", "a string, or null to remove it"));
        }

        if (merged.Count > MetadataLimits.MaxPairs)
            errors.Add(new("metadata", $"would have {merged.Count} pairs", $"at most {MetadataLimits.MaxPairs}"));
        return errors.Count == 0 ? merged : throw ProblemException.Invalid(errors);
    }

    /// <exception cref="ProblemException">413.</exception>
    public static void CheckSize(IReadOnlyDictionary<string, JsonElement> state, int limit)
    {
        var size = SizeOf(state);
        if (size > limit)
            throw new ProblemException(ProblemTypes.StateTooLarge, $"The session's state would have {size} bytes; {limit} are allowed (Sessions:MaxStateBytes).");
    }

    public static long SizeOf(IReadOnlyDictionary<string, JsonElement> state) => state.Sum(s => SizeOf(s.Key, s.Value));

    public static long SizeOf(string scope, JsonElement value) => scope.Length + JsonMarshal.GetRawUtf8Value(value).Length;

    /// <summary>
    /// The state to save after a run. When it has become too large, the scopes that grew keep their old value, the one that grew most
    /// first, until the rest fits: the model's answer is worth more than what a plugin wanted to remember.
    /// </summary>
    /// <param name="saved">The state before the run.</param>
    /// <param name="state">The state that the plugins left.</param>
    /// <param name="limit">In bytes of JSON.</param>
    /// <param name="refused">Receives the scopes that were not taken.</param>
    public static IReadOnlyDictionary<string, JsonElement> Fit(
        IReadOnlyDictionary<string, JsonElement> saved, IReadOnlyDictionary<string, JsonElement> state, int limit, Action<string> refused)
    {
        if (ReferenceEquals(saved, state)) return state;
        var size = SizeOf(state);
        if (size <= limit) return state;
        var fitting = new Dictionary<string, JsonElement>(state, StringComparer.Ordinal);
        var grown = state.Select(s => (Scope: s.Key, Growth: SizeOf(s.Key, s.Value) - (saved.TryGetValue(s.Key, out var old) ? SizeOf(s.Key, old) : 0)));
        foreach (var (scope, growth) in grown.Where(g => g.Growth > 0).OrderByDescending(g => g.Growth))
        {
            if (size <= limit) break;
            if (saved.TryGetValue(scope, out var old)) fitting[scope] = old;
            else fitting.Remove(scope);
            size -= growth;
            refused(scope);
        }

        return fitting;
    }

    public static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node, JsonDepth.Stored);

    private static JsonNode? MergePatch(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var merged = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null) continue;
            var old = merged[name];
            var next = MergePatch(old, value);
            if (!ReferenceEquals(next, old)) merged[name] = next;
        }

        RemoveAll(merged, changes);
        return merged;
    }

    /// <summary>Removes the members that a patch sets to null, all together: to remove one takes as long as there are members.</summary>
    private static void RemoveAll(JsonObject merged, JsonObject changes)
    {
        if (!changes.Any(c => c.Value is null && merged.ContainsKey(c.Key))) return;
        var kept = merged.Where(m => !changes.TryGetPropertyValue(m.Key, out var change) || change is not null).ToList();
        merged.Clear();
        foreach (var (name, value) in kept) merged[name] = value;
    }
}
