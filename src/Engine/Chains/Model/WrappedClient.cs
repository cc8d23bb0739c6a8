using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;

namespace PluginHost.Engine.Chains.Model;

/// <summary>What a chat middleware wraps: stops the middleware's clock while the client inside works.</summary>
internal sealed class WrappedClient(IChatClient inner) : DelegatingChatClient(inner)
{
    private SelfTime? _own;

    /// <summary>The client inside, for when the middleware is skipped.</summary>
    public IChatClient Inner => InnerClient;

    /// <summary>Whether it was called since the middleware's own call began.</summary>
    public bool WasCalled { get; private set; }

    /// <summary>What the client inside threw last in this call of the middleware.</summary>
    public Exception? Error { get; private set; }

    /// <summary>A call of the middleware begins.</summary>
    public void Begin(SelfTime own)
    {
        _own = own;
        WasCalled = false;
        Error = null;
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        WasCalled = true;
        var own = _own;
        // A middleware that passes on another token cannot keep the run's cancellation from the model.
        using var linked = own is null || cancellationToken == own.Token
            ? null
            : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, own.Token);
        var ct = linked?.Token ?? cancellationToken;
        await using var updates = base.GetStreamingResponseAsync(messages, options, ct).GetAsyncEnumerator(ct);
        while (true)
        {
            own?.Pause();
            try
            {
                if (!await updates.MoveNextAsync()) yield break;
            }
            catch (Exception e)
            {
                Error = e;
                throw;
            }
            finally
            {
                own?.Resume();
            }

            yield return updates.Current;
        }
    }
}
