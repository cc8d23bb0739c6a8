using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>Something that is entered and never ends, whatever token it is given.</summary>
internal sealed class Hanging
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _never = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a call hangs in it.</summary>
    public Task Entered => _entered.Task;

    public Task ForeverAsync()
    {
        _entered.TrySetResult();
        return _never.Task;
    }

    /// <summary>Releases the calls that hang.</summary>
    public void LetGo() => _never.TrySetResult();

    public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IAsyncEnumerable<ChatResponseUpdate> stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in stream.WithCancellation(cancellationToken))
        {
            await ForeverAsync();
            yield return update;
        }
    }

    /// <summary>A plugin that hangs in one of its methods, and does nothing in all others.</summary>
    internal sealed class Plugin(Hanging hanging, string where)
        : IHistoryProvider, IContextProvider, IRunMiddleware, IFunctionMiddleware, IChatMiddleware
    {
        public async ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
        {
            await HangAsync("load");
            return new() { Items = [], HasMore = false };
        }

        public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) => await HangAsync("append");

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => new(0);

        public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
        {
            await HangAsync("provide");
            var tool = AIFunctionFactory.Create(() => HangAsync("tool"), "work");
            return new() { Tools = [tool] };
        }

        public async ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken) => await HangAsync("observe");

        public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
        {
            await HangAsync("before");
            var response = await next(
                where == "change" ? request with { Output = request.Output.Through(s => hanging.StreamAsync(s)) } : request, cancellationToken);
            await HangAsync("after");
            return response;
        }

        public async ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken)
        {
            await HangAsync("function");
            return await next(invocation, cancellationToken);
        }

        public async ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken)
        {
            await HangAsync("wrap");
            return new HangingClient(inner, () => HangAsync("chat"));
        }

        private Task HangAsync(string here) => here == where ? hanging.ForeverAsync() : Task.CompletedTask;
    }

    private sealed class HangingClient(IChatClient inner, Func<Task> hang) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await hang();
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken)) yield return update;
        }
    }
}
