using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>The peer over HTTP: ChatClientAgent with a history provider that stores messages in SQLite under one lock.</summary>
internal sealed class PeerBackend : IRunBackend
{
    private const string SessionId = "session-id";
    private readonly LockedHistory _history;
    private readonly ChatClientAgent _agent;

    public PeerBackend(string path, IChatClient model)
    {
        _history = new(path);
        _agent = new(model, new ChatClientAgentOptions { Name = "assistant", ChatHistoryProvider = _history });
    }

    public async Task<string> RunAsync(string session, string input, CancellationToken cancellationToken)
    {
        var state = await _agent.CreateSessionAsync(cancellationToken);
        state.StateBag.SetValue(SessionId, session);
        return (await _agent.RunAsync(input, state, cancellationToken: cancellationToken)).Text;
    }

    public Task SeedAsync(string session, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        _history.Append(session, messages);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _history.Dispose();
        return default;
    }

    private sealed class LockedHistory(string path) : ChatHistoryProvider(null, null, null), IDisposable
    {
        private readonly Lock _lock = new();
        private readonly HistoryFile _file = new(path);

        protected override ValueTask<IEnumerable<ChatMessage>> ProvideChatHistoryAsync(InvokingContext context, CancellationToken cancellationToken = default)
        {
            lock (_lock) return new(_file.ReadWindow(GetId(context.Session), IRunBackend.Window));
        }

        protected override ValueTask StoreChatHistoryAsync(InvokedContext context, CancellationToken cancellationToken = default)
        {
            Append(GetId(context.Session), [.. context.RequestMessages, .. context.ResponseMessages ?? []]);
            return default;
        }

        public void Append(string session, IReadOnlyList<ChatMessage> messages)
        {
            lock (_lock)
            {
                using var transaction = _file.BeginTransaction();
                _file.Append(transaction, session, messages);
                transaction.Commit();
            }
        }

        public void Dispose() => _file.Dispose();

        private static string GetId(AgentSession? session) => session!.StateBag.GetValue<string>(SessionId)!;
    }
}
