using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>Executes the runs of a server that is compared with the host.</summary>
internal interface IRunBackend : IAsyncDisposable
{
    /// <summary>The number of history messages that are sent to the model.</summary>
    const int Window = 50;

    /// <summary>Executes a run. Returns the text of the answer after the messages are durable.</summary>
    Task<string> RunAsync(string session, string input, CancellationToken cancellationToken);

    /// <summary>Stores the messages of a new session.</summary>
    Task SeedAsync(string session, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken);
}
