using System.Text.Json;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>Reads the metadata that callers keep with sessions and runs.</summary>
internal static class MetadataReader
{
    public static Dictionary<string, string>? Read(BodyReader body, string name) =>
        ReadPairs(body, name, nullable: false)?.ToDictionary(p => p.Key, p => p.Value!, StringComparer.Ordinal);

    /// <summary>A merge patch: null removes a key.</summary>
    public static Dictionary<string, string?>? ReadPatch(BodyReader body, string name) => ReadPairs(body, name, nullable: true);

    private static Dictionary<string, string?>? ReadPairs(BodyReader body, string name, bool nullable)
    {
        if (body.Object(name) is not { } value) return null;
        var pairs = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var at = InputErrors.Join(body.PathOf(name), property.Name);
            if (property.Name.Length is 0 or > MetadataLimits.MaxKeyLength)
                body.Errors.Add(at, "The key is empty or too long.", $"1 to {MetadataLimits.MaxKeyLength} characters");
            if (IsAllowed(property.Value, nullable, at, body)) pairs[property.Name] = property.Value.GetString();
        }

        // A patch may remove as many as it likes; what comes of it is checked when it is applied.
        if (!nullable && pairs.Count > MetadataLimits.MaxPairs) body.Errors.Add(body.PathOf(name), "There are too many pairs.", $"at most {MetadataLimits.MaxPairs}");
        return pairs;
    }

    private static bool IsAllowed(JsonElement value, bool nullable, string at, BodyReader body)
    {
        if (nullable && value.ValueKind == JsonValueKind.Null) return true;
        if (value.ValueKind != JsonValueKind.String)
        {
            body.WrongType(at, value, nullable ? "string or null" : "string");
            return false;
        }

        if (value.GetString()!.Length <= MetadataLimits.MaxValueLength) return true;
        body.Errors.Add(at, "The value is too long.", $"at most {MetadataLimits.MaxValueLength} characters");
        return false;
    }
}
