using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("failing-client", typeof(MisbehavingPlugin.FailingClient), Options = typeof(MisbehavingPlugin.FailingClientOptions))]

namespace MisbehavingPlugin;

/// <param name="Failure">How each call fails.</param>
/// <param name="Message">What callers see.</param>
/// <param name="Code">The server's code.</param>
/// <param name="RetryAfter">How long to wait.</param>
/// <param name="ShouldRetry">Whether a retry may succeed.</param>
/// <param name="HangsInCreation">Whether the client is never created.</param>
public sealed record FailingClientOptions(
    ModelFailure Failure, string Message = "The model failed.", string? Code = null, TimeSpan? RetryAfter = null, bool? ShouldRetry = null, bool HangsInCreation = false);

/// <summary>A chat client whose calls fail like those of a model's server.</summary>
public sealed class FailingClient(FailingClientOptions options) : IChatClientFactory
{
    public async ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken)
    {
        if (options.HangsInCreation) await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        return new Client(options);
    }

    private sealed class Client(FailingClientOptions options) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? chat = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, chat, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? chat = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            if (options.Message.Length > 0)
                throw new ModelException(options.Failure, options.Message) { Code = options.Code, RetryAfter = options.RetryAfter, ShouldRetry = options.ShouldRetry };
            yield break;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
