using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Relay;

/// <summary>A body that passes through: every byte of it but the model's name.</summary>
/// <param name="Json">The body, an object.</param>
/// <param name="Agent">The agent; null for the only one.</param>
/// <param name="IsStreamed">Whether it asks for events.</param>
internal sealed record RelayBody(JsonElement Json, string? Agent, bool IsStreamed)
{
    private const string Model = "model";

    public static async ValueTask<RelayBody> ReadAsync(HttpContext context, InputErrors errors)
    {
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var model = json.TryGetProperty(Model, out var sent) && sent.ValueKind != JsonValueKind.Null ? sent : default;
        if (model.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String)) errors.WrongType(model, "string", Model);
        var agent = model.ValueKind == JsonValueKind.String ? model.GetString() : null;
        return new RelayBody(json, agent, json.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True);
    }

    /// <summary>The bytes with the name that the model's server knows.</summary>
    public byte[] WithModel(string? name)
    {
        var all = JsonMarshal.GetRawUtf8Value(Json);
        if (name is null) return all.ToArray();
        var text = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(name)}\"");
        if (Json.TryGetProperty(Model, out var sent) && all.Overlaps(JsonMarshal.GetRawUtf8Value(sent), out var start))
            return [.. all[..start], .. text, .. all[(start + JsonMarshal.GetRawUtf8Value(sent).Length)..]];
        return [.. "{\"model\":"u8, .. text, .. Json.EnumerateObject().Any() ? ","u8 : [], .. all[1..]];
    }
}
