using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI.Relay;

/// <summary>Sends requests of callers to a server as they are, with the key, the retries and the time limits of the agent's model. Thread-safe.</summary>
internal sealed class OpenAIServer(ChatClientMetadata metadata, OpenAIOptions options, ModelTransport transport, ILogger logger, TimeProvider timeProvider)
    : IModelServer
{
    public ChatClientMetadata Metadata { get; } = metadata;

    public async Task<ModelServerAnswer> SendAsync(string path, ReadOnlyMemory<byte> body, bool isStreamed, CancellationToken cancellationToken)
    {
        var deadline = new AnswerDeadline(timeProvider, cancellationToken);
        try
        {
            deadline.Set(TimeSpan.FromSeconds(options.TotalTimeoutSeconds));
            var answer = await transport.SendAsync(path, body, isStreamed, deadline.Token);
            if (answer is { HasEvents: true, MediaType: not "text/event-stream" })
            {
                using (answer) throw transport.Errors.CreateInvalid($"it is {answer.MediaType ?? "of no type"}, neither JSON nor events.");
            }

            return new RelayedAnswer(answer, deadline, options, Failed, transport.Errors);
        }
        catch (Exception e)
        {
            deadline.Dispose();
            throw Failed(e, hasStarted: false);
        }

        Exception Failed(Exception e, bool hasStarted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var failure = transport.Errors.From(e, hasStarted);
            Log.RelayFailed(logger, path, ModelErrorTypes.From(failure.Failure), failure.Details);
            return failure;
        }
    }

    /// <summary>The whole of an answer, which has to be JSON.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public async Task<System.Text.Json.JsonElement> AskAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var deadline = new AnswerDeadline(timeProvider, cancellationToken);
        deadline.Set(TimeSpan.FromSeconds(options.TotalTimeoutSeconds));
        try
        {
            using var answer = await transport.SendAsync(path, body, isStreamed: false, deadline.Token);
            var json = await answer.ReadJsonAsync(deadline.Token);
            return json.Get("error") is null ? json : throw transport.Errors.FromErrorInStream(json);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw transport.Errors.From(e, answerStarted: false);
        }
    }

    /// <returns>The exception to throw.</returns>
    public ModelException CreateInvalid(string why) => transport.Errors.CreateInvalid(why);
}
