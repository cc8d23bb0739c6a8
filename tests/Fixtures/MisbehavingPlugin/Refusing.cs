using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("refusing", typeof(MisbehavingPlugin.Refusing), Options = typeof(MisbehavingPlugin.RefusingOptions))]

namespace MisbehavingPlugin;

/// <param name="At">The place at which the run is refused.</param>
/// <param name="RetryAfter">How long to wait; not set for a refusal for good.</param>
public sealed record RefusingOptions(RefusalPlace At, TimeSpan? RetryAfter = null);

public enum RefusalPlace
{
    Provide,
    Before,
    After,
    Stream,
    Wrap,
    Chat,
    Function,
    Tool,
}

/// <summary>Refuses each run at a configured place.</summary>
public sealed class Refusing(RefusingOptions options) : IContextProvider, IRunMiddleware, IChatMiddleware, IFunctionMiddleware
{
    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        RefuseAt(RefusalPlace.Provide);
        return new(new ContextContribution { Tools = [AIFunctionFactory.Create(Work, "work")] });
    }

    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        RefuseAt(RefusalPlace.Before);
        var response = await next(request with { Output = request.Output.Through(ChangeAsync) }, cancellationToken);
        RefuseAt(RefusalPlace.After);
        return response;
    }

    public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken)
    {
        RefuseAt(RefusalPlace.Wrap);
        return new(options.At == RefusalPlace.Chat ? new Client(inner, this) : inner);
    }

    public ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken)
    {
        RefuseAt(RefusalPlace.Function);
        return next(invocation, cancellationToken);
    }

    private string Work()
    {
        RefuseAt(RefusalPlace.Tool);
        return "done";
    }

    private async IAsyncEnumerable<ChatResponseUpdate> ChangeAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (var update in updates)
        {
            RefuseAt(RefusalPlace.Stream);
            yield return update;
        }
    }

    private void RefuseAt(RefusalPlace here)
    {
        if (here == options.At) throw new RunRefusedException("budget_exceeded", "The budget of May is used up.", options.RetryAfter);
    }

    private sealed class Client(IChatClient inner, Refusing owner) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? chat = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            owner.RefuseAt(RefusalPlace.Chat);
            await foreach (var update in base.GetStreamingResponseAsync(messages, chat, cancellationToken)) yield return update;
        }
    }
}
