using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Tests.Engine;

public sealed class SessionCountsTests
{
    [Fact]
    public async Task Counts_of_many_tenants_are_dropped_and_counted_again_with_what_changed_meanwhile()
    {
        var (stored, asked) = (1L, 0);
        var counts = new SessionCounts(_ => { asked++; return Task.FromResult(stored); }, TimeProvider.System);
        for (var i = 0; i < SessionCounts.MaxTenants; i++) Assert.Equal(1, await counts.GetAsync($"t{i}", default));
        counts.Change("t0", 1);
        stored = 2;
        Assert.Equal(2, await counts.GetAsync("t0", default));
        Assert.Equal(SessionCounts.MaxTenants, asked);

        await counts.GetAsync("one more", default);

        counts.Change("t0", 1);
        stored = 3;
        Assert.Equal(3, await counts.GetAsync("t0", default));
        Assert.Equal(SessionCounts.MaxTenants + 2, asked);
    }
}
