using PluginHost.Architecture.Rules;
using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture;

/// <summary>No plugin's code is called but by the choke point.</summary>
public sealed class PluginCallTests
{
    private const string ChokePoint =
        """
        internal sealed class PluginCaller { public ValueTask CallAsync<T>(T state, Func<T, CancellationToken, ValueTask> call) => call(state, default); }
        internal static class Other { public static ValueTask CallAsync(Func<CancellationToken, ValueTask> call) => call(default); }
        """;

    [Fact]
    public void Plugins_are_called_by_the_choke_point_alone() =>
        Verdict.Check(new[] { Solution.Engine, Solution.Host }.SelectMany(p => new PluginCallSites(p).Find()), Exceptions.PluginCalls);

    /// <summary>An interface that is new in the SDK has to be sorted in, or its calls would go unseen.</summary>
    [Fact]
    public void Every_interface_of_the_sdk_is_a_contract()
    {
        var interfaces = new[] { Solution.Sdk, Solution.Stores }.SelectMany(SymbolRules.DeclaredTypes).Select(t => t.Symbol)
            .Where(t => t is { TypeKind: TypeKind.Interface, DeclaredAccessibility: Accessibility.Public });

        Assert.Equal(PluginContracts.Implemented.Order(), interfaces.Select(t => t.Name).Order());
    }

    [Theory]
    [InlineData("return caller.CallAsync(plugin, static (p, ct) => p.StartAsync(ct));")]
    [InlineData("return caller.CallAsync(plugin, async (p, ct) => { await Task.Yield(); await p.StartAsync(ct); });")]
    [InlineData("return caller.CallAsync(0, CallAsync); ValueTask CallAsync(int state, CancellationToken ct) => plugin.StartAsync(ct);")]
    [InlineData("return ForwardAsync((p, ct) => p.StartAsync(ct)); ValueTask ForwardAsync(Func<IPluginLifecycle, CancellationToken, ValueTask> call) => caller.CallAsync(plugin, call);")]
    [InlineData("return StateAsync((p, ct) => p.StartAsync(ct)); ValueTask StateAsync(Func<IPluginLifecycle, CancellationToken, ValueTask> call) => caller.CallAsync((plugin, call), (s, ct) => s.call(s.plugin, ct));")]
    public void A_call_that_is_given_to_the_choke_point_is_right(string body) => Assert.Empty(Find(body));

    [Theory]
    [InlineData("return plugin.StartAsync(default);")]
    [InlineData("Func<CancellationToken, ValueTask> call = plugin.StartAsync; return call(default);")]
    [InlineData("return Other.CallAsync(plugin.StartAsync);")]
    [InlineData("return Other.CallAsync(ct => plugin.StartAsync(ct));")]
    [InlineData("_ = caller.CallAsync(0, CallAsync); return CallAsync(0, default); ValueTask CallAsync(int state, CancellationToken ct) => plugin.StartAsync(ct);")]
    [InlineData("return ForwardAsync(ct => plugin.StartAsync(ct)); ValueTask ForwardAsync(Func<CancellationToken, ValueTask> call) => call(default);")]
    [InlineData("return StateAsync((p, ct) => p.StartAsync(ct)); ValueTask StateAsync(Func<IPluginLifecycle, CancellationToken, ValueTask> call) { var state = (plugin, call); return state.call(state.plugin, default); }")]
    public void A_call_past_the_choke_point_is_found(string body) => Assert.Equal(["Engine/Runs/Run.cs calls IPluginLifecycle.StartAsync"], Find(body));

    [Theory]
    [InlineData("return ((IAsyncDisposable)plugin).DisposeAsync();", "IAsyncDisposable.DisposeAsync")]
    [InlineData("if (plugin is IDisposable disposable) disposable.Dispose(); return default;", "IDisposable.Dispose")]
    public void A_disposal_past_the_choke_point_is_found(string body, string call) => Assert.Equal([$"Engine/Runs/Run.cs calls {call}"], Find(body));

    private static IEnumerable<string> Find(string body)
    {
        var run = $$"""
            using PluginHost.Sdk;
            internal sealed class Run(PluginCaller caller, IPluginLifecycle plugin) { public ValueTask RunAsync() { {{body}} } }
            """;
        return new PluginCallSites(Snippet.Engine(("Calls/PluginCaller.cs", ChokePoint), ("Runs/Run.cs", run))).Find();
    }
}
