using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>A claim and its end come one after the other.</summary>
public sealed class SessionClaimsTests
{
    private static readonly SessionKey Session = new("default", "s");

    [Fact]
    public async Task A_session_that_is_being_given_up_is_claimed_again_after_that()
    {
        var source = new Source();
        var claims = new SessionClaims(TimeProvider.System) { Source = source };
        await claims.EnsureAsync(Session);

        var release = claims.ReleaseAsync(Session);
        var claim = claims.EnsureAsync(Session).AsTask();
        source.LetGo.SetResult();
        await Task.WhenAll(release, claim).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["claim", "release", "claim"], source.Calls);
    }

    private sealed class Source : IClaimSource
    {
        public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Calls { get; } = [];

        public ValueTask<HostDescription?> ClaimAsync(SessionKey session)
        {
            lock (Calls) Calls.Add("claim");
            return new((HostDescription?)null);
        }

        public HostDescription? FindHost(string agent) => null;

        public async ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions)
        {
            await LetGo.Task;
            lock (Calls) Calls.Add("release");
        }
    }
}
