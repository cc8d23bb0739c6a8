using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace MisbehavingPlugin;

/// <summary>A chat middleware with a configured fault.</summary>
public sealed class MisbehavingChat(Misbehaviour options, IPluginContext context) : IChatMiddleware
{
    public IPluginContext Context { get; } = context;

    public IChatClient Wrap(IChatClient inner, RunRequest run) =>
        options.Does == Fault.ReturnsNull ? null! : new Client(inner, run, options);

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
