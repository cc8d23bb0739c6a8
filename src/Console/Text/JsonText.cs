using System.Text.Encodings.Web;
using System.Text.Json;

namespace PluginHost.WebConsole.Text;

/// <summary>JSON for people: indented, a text without its quotes. Stateless.</summary>
public static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Indent(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) value.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
