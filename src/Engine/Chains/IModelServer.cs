using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>The server behind an agent's chat client, for requests that pass through to it unchanged. The client gives it as a service. Thread-safe.</summary>
internal interface IModelServer
{
    /// <summary>The server's provider and address, and the agent's model.</summary>
    ChatClientMetadata Metadata { get; }

    /// <summary>Sends a request and waits for the beginning of its answer.</summary>
    /// <param name="path">Below the server's base address, for example <c>/embeddings</c>.</param>
    /// <param name="body">A JSON object.</param>
    /// <param name="isStreamed">Whether the request asks for events.</param>
    /// <param name="cancellationToken">Ends the call, and the reading of its answer.</param>
    /// <exception cref="ModelException">The server refused, failed or was not reached.</exception>
    Task<ModelServerAnswer> SendAsync(string path, ReadOnlyMemory<byte> body, bool isStreamed, CancellationToken cancellationToken);
}

/// <summary>An answer of a model's server with status 200, as bytes. Not thread-safe.</summary>
internal abstract class ModelServerAnswer : IDisposable
{
    /// <summary>Whether the bytes are server-sent events; otherwise they are JSON.</summary>
    public abstract bool HasEvents { get; }

    /// <summary>What the server says of its limits; null for nothing.</summary>
    public abstract ModelLimits? Limits { get; }

    /// <summary>What the part that was read says of the answer.</summary>
    public abstract ObservedModelAnswer Facts { get; }

    /// <summary>Reads the next bytes.</summary>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="ModelException">The answer broke off, or is an error.</exception>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    public abstract void Dispose();
}
