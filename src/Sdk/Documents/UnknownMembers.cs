using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>The members of an object that this version of the SDK does not know, kept for the next save. Immutable once read.</summary>
internal sealed class UnknownMembers
{
    private readonly List<KeyValuePair<string, JsonElement>> _members = [];

    /// <summary>Reads a member from its name to its end.</summary>
    public void Read(ref Utf8JsonReader json)
    {
        var name = json.GetString()!;
        json.Read();
        _members.Add(new(name, JsonElement.ParseValue(ref json)));
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        foreach (var (name, value) in _members)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }
}
