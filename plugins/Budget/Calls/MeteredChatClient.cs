using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Budget.Calls;

/// <summary>Reserves before each model call of a run what it may cost, and charges afterwards what it did cost.</summary>
internal sealed class MeteredChatClient(IChatClient inner, BudgetGate gate, RunRequest run, RunTotals totals) : DelegatingChatClient(inner)
{
    private readonly string? _model = inner.GetService<ChatClientMetadata>()?.DefaultModelId;

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var call = await gate.BeginCallAsync(run, options?.ModelId ?? _model ?? "", request, options, cancellationToken);
        UsageDetails? usage = null;
        long chars = 0;
        var isComplete = false;
        try
        {
            await foreach (var update in base.GetStreamingResponseAsync(request, options, cancellationToken))
            {
                foreach (var content in update.Contents)
                {
                    if (content is UsageContent part) (usage ??= new()).Add(part.Details);
                    else chars += LengthOf(content);
                }

                yield return update;
            }

            isComplete = true;
        }
        finally
        {
            // A call that failed before its first word costs nothing. One that was cancelled costs at least its input.
            var estimated = chars > 0 || cancellationToken.IsCancellationRequested ? TokenEstimate.After(call.Reserved, chars) : default;
            var used = usage is null ? estimated : CallUsage.From(usage);
            if (!isComplete) used = used with { Output = Math.Max(used.Output, estimated.Output) };
            await gate.EndCallAsync(call, used, isReported: isComplete && usage is not null, totals);
        }
    }

    private static int LengthOf(AIContent content) => content switch
    {
        TextContent text => text.Text.Length,
        TextReasoningContent text => text.Text.Length,
        FunctionCallContent call => call.Name.Length + (call.Arguments?.Sum(a => a.Key.Length + (a.Value?.ToString()?.Length ?? 4)) ?? 0),
        _ => 0,
    };
}
