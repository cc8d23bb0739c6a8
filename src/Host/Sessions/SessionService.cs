using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>What to create a session with.</summary>
public sealed record NewSession(string Tenant)
{
    /// <summary>Null for one of the host's choosing.</summary>
    public string? Id { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>State by scope; each value an object.</summary>
    public JsonObject? State { get; init; }

    public string? ServiceSessionId { get; init; }

    /// <summary>Messages to begin with; they go to the history of the only or first agent.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];
}

/// <summary>What one plugin removed.</summary>
public sealed record Removal(string Plugin, string Kind, int Removed);

/// <summary>All that callers do with sessions beside running agents. Thread-safe.</summary>
public sealed class SessionService
{
    /// <exception cref="ProblemException">409 when the id exists; 400 when a member is not allowed.</exception>
    public ValueTask<SessionRecord> CreateAsync(NewSession session, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<SessionRecord> GetAsync(SessionKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <exception cref="ProblemException">400 for an unknown cursor.</exception>
    public ValueTask<Page<SessionRecord>> ListAsync(SessionQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Applies RFC 7396 merge patches; null leaves a part as it is. Waits for a run in progress.</summary>
    /// <exception cref="ProblemException">404; 412 when <paramref name="ifVersion"/> is given and is not the version; 400; 413.</exception>
    public ValueTask<SessionRecord> PatchAsync(SessionKey key, JsonObject? metadata, JsonObject? state, long? ifVersion, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Deletes a session everywhere: cancels its runs, then every plugin of every chain, then the store.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<IReadOnlyList<Removal>> DeleteAsync(SessionKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The messages of a session from the history that holds it. The query needs a limit.</summary>
    /// <exception cref="ProblemException">404; 400 for an unknown cursor.</exception>
    public ValueTask<Page<HistoryMessage>> ListMessagesAsync(HistoryQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A new session with the history up to and including a run (all of it when null).</summary>
    /// <exception cref="ProblemException">404; 409 when <paramref name="newId"/> exists.</exception>
    public ValueTask<SessionRecord> ForkAsync(SessionKey source, string? newId, string? upToRun, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The snapshot document of a session.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<JsonObject> ExportAsync(SessionKey key, bool messages, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Restores a session from a snapshot document.</summary>
    /// <exception cref="ProblemException">400 for a broken document or an unknown version; 409 when the id exists.</exception>
    public ValueTask<SessionRecord> ImportAsync(string tenant, JsonObject snapshot, CancellationToken cancellationToken) => throw new NotImplementedException();
}
