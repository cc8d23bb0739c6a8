using System.Diagnostics.Metrics;

namespace PluginHost.Budget.Tests;

/// <summary>An agent with the plugin in its chain.</summary>
internal sealed class Agent : IAsyncDisposable
{
    private readonly TestChain _chain;

    public Agent(BudgetOptions options, PricedModel? model = null, string? folder = null, TimeProvider? clock = null, params object[] others)
    {
        Context = new TestPluginContext("budget", folder) { Clock = clock ?? TimeProvider.System };
        Model = model ?? new PricedModel();
        Plugin = new BudgetMiddleware(options, Context);
        _chain = TestChain.Create([Plugin, .. others]);
        _chain.Contexts = [Context];
        _chain.Model = Model;
    }

    public TestPluginContext Context { get; }

    public PricedModel Model { get; }

    public BudgetMiddleware Plugin { get; }

    public static BudgetOptions Limit(Measure measure, decimal max, Scope per = Scope.Tenant, Window window = Window.None) =>
        new([new LimitOptions(measure, max, per, window)]);

    public Task<TestRun> RunAsync(string session = "test", string? user = null, CancellationToken cancellationToken = default) =>
        _chain.RunAsync("Hello.", session: session, user: user, cancellationToken: cancellationToken);

    public Task<IReadOnlyDictionary<string, int>> DeleteSessionAsync(string session) => _chain.DeleteSessionAsync(session);

    /// <summary>Sums a counter of the plugin from now on.</summary>
    public MeterListener Listen(string counter, Action<double> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == Context.Meter && instrument.Name == counter) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => add(value));
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => add(value));
        listener.Start();
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        await Context.DisposeAsync();
    }
}
