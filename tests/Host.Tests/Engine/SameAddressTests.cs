using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Sdk;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Engine;

public sealed class SameAddressTests
{
    [Fact]
    public async Task Another_host_at_the_same_address_is_logged_when_it_lives_longer_than_a_lost_process_of_this_one_would()
    {
        var (time, log) = (new FakeTimeProvider(), new LogLines());
        var other = new HostDescription { Id = "other", Name = "other", Version = "1", StartedAt = DateTimeOffset.UnixEpoch, Address = "http://10.0.0.1:5080/" };
        var store = new SharedStore { Other = new HostLease { Host = other, Remaining = HostLease.Duration } };
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), [], time: time, store: store);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var settings = new ClusterConfiguration { Address = new Uri("http://10.0.0.1:5080") };
        using var hosts = new HostMembership(engine.Chains, engine.Claims, settings, time, loggers.CreateLogger<HostMembership>());

        await hosts.StartAsync();
        await store.WaitForRenewalAsync();
        Assert.Empty(log.Of("has the same address"));
        for (var passed = TimeSpan.Zero; passed <= HostLease.Duration; passed += HostLease.RenewalInterval)
        {
            time.Advance(HostLease.RenewalInterval);
            await store.WaitForRenewalAsync();
        }

        await log.WaitForAsync("has the same address");
        await hosts.LeaveAsync();
    }
}
