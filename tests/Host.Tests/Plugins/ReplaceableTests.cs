using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Tests.Plugins;

/// <summary>What is between the engine and a plugin that can be replaced passes every call on.</summary>
public sealed class ReplaceableTests
{
    /// <summary>A member with a default would otherwise answer in the plugin's name without asking it.</summary>
    [Theory]
    [InlineData(typeof(ISessionStore))]
    [InlineData(typeof(IHistoryProvider))]
    public void Every_member_of_the_contract_is_passed_on(Type contract)
    {
        var type = contract == typeof(ISessionStore) ? typeof(ReplaceableStore) : typeof(ReplaceableHistory);
        Assert.All(type.GetInterfaceMap(contract).TargetMethods, m => Assert.Equal(type, m.DeclaringType));
    }

    [Fact]
    public async Task Calls_wait_while_a_resource_is_handed_over_and_then_reach_the_successor()
    {
        var gate = new HandoverGate();
        var (old, next) = (new HandoverSlot("old", gate), new HandoverSlot("next", gate));
        await gate.CloseAsync(CancellationToken.None);
        var call = old.CallAsync<string, int, string>(0, static (plugin, _, _) => new(plugin), CancellationToken.None).AsTask();
        Assert.False(call.IsCompleted);

        old.HandTo(next);
        gate.Open();

        Assert.Equal("next", await call);
        old.HandTo(null);
        Assert.Equal("old", await old.CallAsync<string, int, string>(0, static (plugin, _, _) => new(plugin), CancellationToken.None));
    }

    [Fact]
    public async Task What_is_kept_of_sessions_is_removed_by_the_build_that_has_the_resource()
    {
        var gate = new HandoverGate();
        PluginInstance Create(int removed) => new(new PluginEntry { Plugin = "index", Index = 0 }, "1.0.0", new SessionIndex(removed), gate: gate);
        var (old, next, session) = (Create(1), Create(2), new SessionKey("tenant", "ada"));
        Assert.Equal(1, await old.SessionCleanup!.DeleteSessionDataAsync(session, CancellationToken.None));

        old.Slot!.HandTo(next.Slot);

        Assert.Equal(2, await old.SessionCleanup!.DeleteSessionDataAsync(session, CancellationToken.None));
        Assert.Equal(2, await old.MessageCleanup!.DeleteMessageDataAsync(session, ["run.0"], CancellationToken.None));
    }

    private sealed class SessionIndex(int removed) : ISessionCleanup, IMessageCleanup
    {
        public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken) => new(removed);

        public ValueTask<int> DeleteMessageDataAsync(SessionKey session, IReadOnlyList<string> messageIds, CancellationToken cancellationToken) => new(removed);
    }

    [Fact]
    public async Task A_gate_closes_when_the_calls_inside_have_ended()
    {
        var gate = new HandoverGate();
        await gate.EnterAsync(CancellationToken.None);
        var closing = gate.CloseAsync(CancellationToken.None);
        Assert.False(closing.IsCompleted);
        gate.Exit();
        await closing.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
