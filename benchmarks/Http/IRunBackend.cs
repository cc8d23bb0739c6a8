using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>What answers a run behind the HTTP handler that is compared with the host.</summary>
internal interface IRunBackend : IAsyncDisposable
{
    /// <summary>How many messages of the history the model gets.</summary>
    const int Window = 50;

    /// <summary>Runs, and returns the answer's text when it is durable.</summary>
    Task<string> RunAsync(string session, string input, CancellationToken cancellationToken);

    /// <summary>Fills a new session.</summary>
    Task SeedAsync(string session, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken);
}
