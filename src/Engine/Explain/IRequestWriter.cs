using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Explain;

/// <summary>Writes the body of a request as its client would send it, without sending it. Thread-safe.</summary>
internal interface IRequestWriter
{
    byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options);
}
