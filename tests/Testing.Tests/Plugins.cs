using PluginHost.Sdk.Testing.Tests;

[assembly: Plugin("clock", typeof(Clock))]
[assembly: Plugin("shout", typeof(Shout))]

namespace PluginHost.Sdk.Testing.Tests;

/// <summary>Gives the model the time and a tool, counts runs in the state, and logs.</summary>
public sealed class Clock(PluginContext context) : IContextProvider, IPluginLifecycle, IAsyncDisposable
{
    private static readonly StateKey<int> Runs = new("runs");

    public List<string> Events { get; } = [];

    public Exception? Failure { get; init; }

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Events.Add("start");
        return default;
    }

    public ValueTask StopAsync(CancellationToken cancellationToken)
    {
        Events.Add("stop");
        return default;
    }

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (Failure is not null) throw Failure;
        context.GetState(request.Session).Update(Runs, old => old + 1);
        return new(new ContextContribution
        {
            Instructions = $"It is {context.TimeProvider.GetUtcNow():HH:mm}.",
            Tools = [AIFunctionFactory.Create(() => "noon", "clock")],
        });
    }

    public ValueTask DisposeAsync()
    {
        Events.Add("dispose");
        return default;
    }
}

/// <summary>Makes the output upper case.</summary>
public sealed class Shout : IRunMiddleware
{
    public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
        next(request with { Output = request.Output.Through(Change) }, cancellationToken);

    private static async IAsyncEnumerable<ChatResponseUpdate> Change(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (var update in updates)
        {
            var changed = update.Clone();
            changed.Contents = [.. update.Contents.Select(c => c is TextContent text ? new TextContent(text.Text.ToUpperInvariant()) : c)];
            yield return changed;
        }
    }
}

/// <summary>Makes a client that says what it is asked.</summary>
public sealed class Parrot : IChatClientFactory
{
    public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken) => new(ScriptedModel.Say($"I am of {request.Agent}."));
}
