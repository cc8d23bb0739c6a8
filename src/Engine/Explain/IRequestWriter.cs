using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Explain;

/// <summary>Writes the body of a request as its client would send it, without sending it. Thread-safe.</summary>
internal interface IRequestWriter
{
    /// <summary>The parameters that it adds where neither the caller nor a plugin sets them, by the names of its server's interface.</summary>
    IReadOnlyDictionary<string, JsonElement> Defaults { get; }

    byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options);
}
