using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>Plugins whose behaviour a test gives as functions.</summary>
internal static class Probe
{
    internal sealed class Middleware(Func<RunRequest, RunDelegate, CancellationToken, ValueTask<RunResponse>> invoke) : IRunMiddleware
    {
        public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
            invoke(request, next, cancellationToken);
    }

    internal sealed class Context(
        Func<RunRequest, ContextContribution> provide, Action<RunResult>? observe = null) : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(provide(request));

        public ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken)
        {
            observe?.Invoke(result);
            return default;
        }
    }

    internal sealed class Function(Func<FunctionInvocation, FunctionDelegate, CancellationToken, ValueTask<object?>> invoke) : IFunctionMiddleware
    {
        public ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken) =>
            invoke(invocation, next, cancellationToken);
    }

    internal sealed class Chat(Func<IChatClient, RunRequest, IChatClient> wrap) : IChatMiddleware
    {
        public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) => new(wrap(inner, run));
    }

    /// <summary>A history that keeps its appends as they came.</summary>
    internal sealed class History(Exception? loadError = null, Exception? appendError = null, Action<HistoryAppend>? appended = null) : IHistoryProvider
    {
        public List<HistoryAppend> Appends { get; } = [];

        public int Loads { get; private set; }

        public IEnumerable<string> Stored => Appends.SelectMany(a => a.Messages).Select(m => $"{m.Origin}: {TestEngine.Describe(m.Message)}");

        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
        {
            Loads++;
            if (loadError is not null) throw loadError;
            var stored = Appends.Where(a => a.Outcome != RunOutcome.Failed).SelectMany(a => a.Messages);
            return new(new Page<HistoryMessage> { Items = [.. query.Order == ListOrder.Descending ? stored.Reverse() : stored], HasMore = false });
        }

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
        {
            if (appendError is not null) throw appendError;
            Appends.Add(append);
            appended?.Invoke(append);
            return default;
        }

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => new(0);
    }

    /// <summary>A middleware that changes the text of input and output.</summary>
    public static Middleware Replacing(string from, string to) => new((request, next, ct) => next(
        request with
        {
            Input = [.. request.Input.Select(m => new ChatMessage(m.Role, m.Text.Replace(from, to, StringComparison.Ordinal)))],
            Output = request.Output.Through(stream => ReplaceAsync(stream, from, to)),
        },
        ct));

    private static async IAsyncEnumerable<ChatResponseUpdate> ReplaceAsync(IAsyncEnumerable<ChatResponseUpdate> stream, string from, string to)
    {
        await foreach (var update in stream)
        {
            if (update.Text.Length == 0) yield return update;
            else yield return new(update.Role, update.Text.Replace(from, to, StringComparison.Ordinal)) { MessageId = update.MessageId };
        }
    }
}
