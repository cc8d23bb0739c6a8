using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Reads one answer of an interface. Not thread-safe.</summary>
internal interface IAnswerReader
{
    /// <summary>The updates that a whole answer amounts to.</summary>
    IEnumerable<ChatResponseUpdate> ReadWhole(JsonElement answer);

    /// <summary>The updates that one event becomes.</summary>
    IEnumerable<ChatResponseUpdate> ReadEvent(JsonElement data);

    /// <summary>The updates that follow the last event.</summary>
    IEnumerable<ChatResponseUpdate> End();
}
