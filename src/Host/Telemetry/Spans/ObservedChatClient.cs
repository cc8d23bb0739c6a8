using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using PluginHost.Telemetry.RunTraces;

namespace PluginHost.Telemetry.Spans;

/// <summary>Makes the span and the metrics of each call of a model, while there is a listener.</summary>
internal sealed class ObservedChatClient(IChatClient client, ObservedModel model, bool captureContent) : DelegatingChatClient(client)
{
    // The tool loop asks for a source for spans of tools, which the engine observes itself.
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ActivitySource) ? null : base.GetService(serviceType, serviceKey);

    private bool IsObserved => model.Instruments.IsEnabled || RecordedRun.Find(Activity.Current) is not null;

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        IsObserved
            ? GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken)
            : base.GetResponseAsync(messages, options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        IsObserved
            ? ObserveAsync(messages, options, cancellationToken)
            : base.GetStreamingResponseAsync(messages, options, cancellationToken);

    /// <summary>The low-cardinality type of a model's error.</summary>
    public static string TypeOf(Exception e) => e is ModelException failure ? ModelErrorTypes.From(failure.Failure) : e.GetType().FullName!;

    private async IAsyncEnumerable<ChatResponseUpdate> ObserveAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = model.Begin(options);
        var content = captureContent ? RunContent.Find(call.Activity) : null;
        if (captureContent)
        {
            var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
            content?.BeginModelCall(call.Activity, list);
            RunContent.RecordInput(call.Activity, list, options);
            messages = list;
        }

        var (errorType, isComplete, isRefused) = (default(string), false, false);
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        try
        {
            while (true)
            {
                try
                {
                    updates ??= InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    isComplete = !await updates.MoveNextAsync();
                    if (isComplete) break;
                }
                catch (RunRefusedException) when (!cancellationToken.IsCancellationRequested)
                {
                    isRefused = true;
                    throw;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    errorType = TypeOf(e);
                    SpanException.Record(call.Activity, e);
                    throw;
                }

                if (updates.Current is not null) call.Add(updates.Current);
                yield return updates.Current!;
                call.Resume();
            }
        }
        finally
        {
            call.End(errorType, isComplete, content, isRefused);
            if (updates is not null) await updates.DisposeAsync();
        }
    }
}
