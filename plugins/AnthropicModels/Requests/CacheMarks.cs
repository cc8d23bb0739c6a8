using System.Text.Json;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>
/// Says up to where the service caches a request: behind the last tool, behind the instructions, and behind the last block of the conversation, of which
/// the service allows four in all. The next request reads what is the same from its beginning.
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
