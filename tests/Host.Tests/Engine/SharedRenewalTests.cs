using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

public sealed class SharedRenewalTests
{
    [Fact]
    public async Task Claims_without_a_lease_share_one_renewal_and_its_failure()
    {
        var (time, store) = (new FakeTimeProvider(), new SharedStore());
        var (renewals, end) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), [], time: time, store: store);
        await engine.Hosts.StartAsync();
        store.BeforeRenewal = () =>
        {
            Interlocked.Increment(ref renewals);
            return end.Task;
        };
        time.Advance(HostLease.Duration);

        // Each has asked when the call returns.
        var claims = Enumerable.Range(0, 20).Select(i => engine.Hosts.ClaimAsync(Key($"s{i}")).AsTask()).ToList();
        end.SetException(new IOException("The database is away."));

        foreach (var claim in claims) await Assert.ThrowsAsync<SessionStoreException>(() => claim);
        // That of the claims, and those of the timer.
        Assert.InRange(Volatile.Read(ref renewals), 1, 5);
    }
}
