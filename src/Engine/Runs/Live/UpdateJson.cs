using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>The JSON of an update that was delivered, with what the library's form leaves out and events are made of.</summary>
internal static class UpdateJson
{
    /// <exception cref="NotSupportedException">The update holds an object that cannot be written as JSON.</exception>
    public static void Write(Utf8JsonWriter json, ChatResponseUpdate update)
    {
        if (ResumedMark.Is(update))
        {
            json.WriteStartObject();
            json.WriteBoolean("resumed"u8, true);
            json.WriteEndObject();
        }
        else if (ParkedMark.Is(update))
        {
            json.WriteStartObject();
            json.WriteBoolean("parked"u8, true);
            json.WriteEndObject();
        }
        else if (update.RawRepresentation is WireEvent sent)
        {
            json.WriteStartObject();
            json.WritePropertyName("wire"u8);
            sent.Data.WriteTo(json);
            json.WriteEndObject();
        }
        else
        {
            JsonSerializer.Serialize(json, update, ChatJson.Update);
        }
    }

    public static ChatResponseUpdate Read(JsonElement json)
    {
        if (json.TryGetProperty("resumed"u8, out _)) return ResumedMark.Create();
        if (json.TryGetProperty("parked"u8, out _)) return ParkedMark.Create();
        if (json.TryGetProperty("wire"u8, out var wire)) return new ChatResponseUpdate { RawRepresentation = new WireEvent(wire.Clone()) };
        return json.Deserialize(ChatJson.Update) ?? throw new JsonException("Expected update, got null.");
    }
}
