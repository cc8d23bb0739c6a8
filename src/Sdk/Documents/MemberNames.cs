using System.Text;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>The members that this version of the SDK knows of one kind of object.</summary>
internal sealed class MemberNames(params string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether the object is a document, which may name its format.</summary>
    public bool IsDocument { get; init; }

    /// <summary>Checks that the value is an object.</summary>
    public static void Begin(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.StartObject) return;
        throw new JsonException($"Expected object, got {(json.TokenType == JsonTokenType.Null ? "null" : json.TokenType)}.");
    }

    /// <summary>
    /// Moves to the value of the next known member, and keeps the unknown ones before it. The first call begins with the object.
    /// </summary>
    /// <returns>The name; null at the end of the object.</returns>
    public string? Next(ref Utf8JsonReader json, ref UnknownMembers? unknown)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (Find(ref json) is { } known)
            {
                json.Read();
                return known;
            }

            if (IsDocument && json.ValueTextEquals("v"u8)) CheckFormat(ref json);
            else (unknown ??= new UnknownMembers()).Read(ref json);
        }

        return json.TokenType == JsonTokenType.EndObject ? null : throw new JsonException($"Expected object, got {json.TokenType}.");
    }

    private string? Find(ref Utf8JsonReader json)
    {
        for (var i = 0; i < _utf8.Length; i++)
        {
            if (json.ValueTextEquals(_utf8[i])) return names[i];
        }

        return null;
    }

    private static void CheckFormat(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.GetInt32() is var format && format != Document.Format)
            throw new JsonException($"The document has format {format}, but this SDK reads format {Document.Format}. Update the host.");
    }
}
