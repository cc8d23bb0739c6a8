namespace PluginHost.Sdk.Testing.Tests;

/// <summary>Plugins that break one rule each.</summary>
internal static class Broken
{
    public static Func<PluginContext, object> Create(string rule) => rule switch
    {
        "throws" => _ => new Throwing(),
        "mixes" => _ => new Mixing(),
        "doubles" => _ => new Doubling(),
        "once" => context => new Once(context),
        "unready" => _ => new Unready(),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    private sealed class Throwing : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException("no");
    }

    private sealed class Mixing : IRunMiddleware
    {
        private string _last = "";

        public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
        {
            var before = _last;
            _last = request.Input[^1].Text;
            return await next(request with { Input = [new ChatMessage(ChatRole.User, $"{before} {_last}")] }, cancellationToken);
        }
    }

    private sealed class Doubling : IRunMiddleware
    {
        private int _runs;

        public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
            new(RunResponse.FromText($"run {Interlocked.Increment(ref _runs)}"));
    }

    private sealed class Unready : IHistoryProvider, IPluginLifecycle
    {
        public ValueTask StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("There is no disk.");

        public ValueTask StopAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("It has not started.");

        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Once : IContextProvider
    {
        public Once(PluginContext context)
        {
            var file = Path.Combine(context.DataPath, "used");
            if (File.Exists(file)) throw new InvalidOperationException("It can be made only once.");
            File.WriteAllText(file, "");
        }

        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);
    }
}
