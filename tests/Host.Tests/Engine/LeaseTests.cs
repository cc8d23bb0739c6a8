using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A host keeps its lease.</summary>
public sealed class LeaseTests
{
    [Fact]
    public async Task A_release_that_hangs_does_not_keep_the_lease_from_being_renewed()
    {
        var (time, end) = (new FakeTimeProvider(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var store = new SharedStore { Release = end.Task };
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), [], time: time, store: store);
        await engine.Hosts.StartAsync();
        await engine.Claims.EnsureAsync(Key("s"));

        time.Advance(SessionClaims.IdleTime);
        await store.Releasing.Task.WaitAsync(TimeSpan.FromSeconds(20));
        while (await store.Renewals.WaitAsync(TimeSpan.Zero)) { }
        time.Advance(HostLease.RenewalInterval);

        await store.WaitForRenewalAsync();
        end.SetResult();
    }
}
