using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginMiddleware), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Temperature">The sampling temperature of every request.</param>
public sealed record MyPluginOptions(double Temperature = 0.2);

/// <summary>Sets a parameter of every request to the model.</summary>
public sealed class MyPluginMiddleware(MyPluginOptions options) : IChatMiddleware
{
    /// <inheritdoc/>
    public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) => new(new Client(inner, options));

    private sealed class Client(IChatClient inner, MyPluginOptions options) : DelegatingChatClient(inner)
    {
        // The host calls this method alone. A test or another client may call the other one.
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, Change(chatOptions), cancellationToken)) yield return update;
        }

        public override Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, CancellationToken cancellationToken = default) =>
            base.GetResponseAsync(messages, Change(chatOptions), cancellationToken);

        private ChatOptions Change(ChatOptions? given)
        {
            var changed = given?.Clone() ?? new ChatOptions();
            changed.Temperature = (float)options.Temperature;
            return changed;
        }
    }
}
