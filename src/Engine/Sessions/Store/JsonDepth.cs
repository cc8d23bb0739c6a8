using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// How deep JSON may nest. What callers send, in bodies and as text, has one limit; what the host writes around it has more room, so
/// that everything that was accepted can be stored, read and exported.
/// </summary>
internal static class JsonDepth
{
    /// <summary>The levels of a value of the caller's choosing: arguments and results of tools, schemas, values in the state.</summary>
    public const int MaxValue = 64;

    /// <summary>The levels of a scope of the state: an object with such values.</summary>
    public const int MaxScope = MaxValue + 1;

    /// <summary>The levels of a document that holds such values: a request's body, an export.</summary>
    public const int MaxDocument = 80;

    /// <summary>What is wrong with a value that is too deep.</summary>
    public const string TooDeep = "The value is nested too deep.";

    /// <summary>The rule in words.</summary>
    public const string Allowed = "at most 64 levels";

    private const int MaxStored = 1000;

    /// <summary>Reads documents of callers.</summary>
    public static JsonDocumentOptions Documents { get; } = new() { MaxDepth = MaxDocument };

    /// <summary>Writes and reads messages and state, whatever their depth.</summary>
    public static JsonSerializerOptions Stored { get; } = new(AIJsonUtilities.DefaultOptions) { MaxDepth = MaxStored, WriteIndented = false };

    /// <summary>Whether a value has at most so many levels; a text or number has none.</summary>
    public static bool IsWithin(JsonElement value, int levels = MaxValue)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return true;
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(value), new JsonReaderOptions { MaxDepth = MaxStored });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= levels && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) return false;
        }

        return true;
    }
}
