using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>A chat middleware with a configured fault.</summary>
public sealed class MisbehavingChat(Misbehaviour options, PluginContext context) : IChatMiddleware
{
    public PluginContext Context { get; } = context;

    public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) =>
        new(options.Does == Fault.ReturnsNull ? null! : new Client(inner, run, options));

    private sealed class Client(IChatClient inner, RunRequest run, Misbehaviour options) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? chat = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Faults.ApplyAsync(options.Does, run);
            await foreach (var update in base.GetStreamingResponseAsync(messages, chat, cancellationToken)) yield return update;
            if (options.Does == Fault.ThrowsAfter) throw new InvalidOperationException("Thrown after the call.");
        }
    }
}
