using System.Text.Json;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>
/// Marks where the service caches a request: at the last tool, at the last block of the instructions, and at the last block of the conversation. The service
/// allows four marks. The next request reads the part that is the same from the cache.
/// </summary>
internal sealed class CacheMarks(Utf8JsonWriter json, AnthropicOptions options)
{
    /// <summary>Inside the last tool: instructions that change from run to run leave the tools cached.</summary>
    public void MarkTools() => Mark(AnthropicCaching.Instructions);

    /// <summary>Inside the last block of the instructions.</summary>
    public void MarkInstructions() => Mark(AnthropicCaching.Instructions);

    /// <summary>Inside the last block of the last message.</summary>
    public void MarkConversation() => Mark(AnthropicCaching.Conversation);

    private void Mark(AnthropicCaching least)
    {
        if (options.PromptCaching < least) return;
        json.WriteStartObject("cache_control");
        json.WriteString("type", "ephemeral");
        if (options.LongCache) json.WriteString("ttl", "1h");
        json.WriteEndObject();
    }
}
