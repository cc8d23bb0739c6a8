using Microsoft.Agents.AI;

namespace PluginHost.Benchmarks.Runs;

/// <summary>The peer: ChatClientAgent of Microsoft.Agents.AI with its in-memory history.</summary>
/// <param name="streamed">True reads all updates.</param>
/// <param name="chunks">The number of chunks of a streamed answer.</param>
public sealed class PeerRun(bool streamed, int chunks = 2) : IRunContestant
{
    private readonly ChatClientAgent _agent = new(new StubChatClient(chunks), instructions: "Be brief.", name: "assistant");
    private AgentSession[] _sessions = [];

    public string Name => streamed ? "peer, streamed" : "peer";

    public async Task PrepareAsync(int historyLength, int sessions)
    {
        // All sessions share one set of messages. A larger heap would slow down garbage collection, and thus the peer.
        var history = Conversation.Create(historyLength);
        _sessions = new AgentSession[sessions];
        for (var i = 0; i < sessions; i++)
        {
            _sessions[i] = await _agent.CreateSessionAsync();
            _sessions[i].SetInMemoryChatHistory([.. history]);
        }
    }

    public async Task RunAsync(int session)
    {
        if (!streamed)
        {
            await _agent.RunAsync(Conversation.Input, _sessions[session]);
            return;
        }

        await foreach (var update in _agent.RunStreamingAsync(Conversation.Input, _sessions[session])) _ = update;
    }

    public ValueTask DisposeAsync() => default;
}
