using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine;

/// <summary>A claim and its end come one after the other.</summary>
public sealed class SessionClaimsTests
{
    private static readonly SessionKey Session = new("default", "s");

    [Fact]
    public async Task After_a_lapse_of_the_lease_a_session_in_use_is_claimed_again_at_once()
    {
        var (source, forgotten) = (new Source(), new TaskCompletionSource<SessionKey>(TaskCreationOptions.RunContinuationsAsynchronously));
        var claims = new SessionClaims(TimeProvider.System) { Source = source, Forget = sessions => forgotten.TrySetResult(Assert.Single(sessions)) };
        await claims.UseAsync(Session);
        var idle = new SessionKey("default", "idle");
        await claims.EnsureAsync(idle);
        var stopped = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        claims.Stop = (_, claim) => stopped.TrySetResult(claim);
        var first = claims.ClaimOf(Session);
        source.Other = new HostDescription { Id = "b", Name = "b", Version = "1", StartedAt = DateTimeOffset.UnixEpoch };

        claims.LoseAll();

        Assert.Equal(idle, await forgotten.Task);
        Assert.Equal(first, await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        claims.Unuse(Session);
    }

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

    [Fact]
    public async Task A_refusal_of_an_earlier_claim_leaves_a_later_one()
    {
        var (source, stopped, forgotten) = (new Source(), new List<long>(), 0);
        var claims = new SessionClaims(TimeProvider.System) { Source = source, Stop = (_, claim) => stopped.Add(claim) };
        await claims.EnsureAsync(Session);
        var first = claims.ClaimOf(Session);
        claims.Lose(Session, first);
        await claims.EnsureAsync(Session);
        claims.Forget = _ => forgotten++;

        claims.Lose(Session, first);
        await claims.EnsureAsync(Session);

        Assert.Equal(["claim", "claim"], source.Calls);
        Assert.Equal([first, first], stopped);
        Assert.Equal(0, forgotten);

        claims.Lose(Session, claims.ClaimOf(Session));
        await claims.EnsureAsync(Session);
        Assert.Equal(3, source.Calls.Count);
        Assert.Equal(1, forgotten);
    }

    [Fact]
    public async Task A_claim_that_finds_that_another_host_has_had_the_session_counts()
    {
        var (source, stopped) = (new Source(), new List<long>());
        var claims = new SessionClaims(TimeProvider.System) { Source = source, Stop = (_, claim) => stopped.Add(claim) };
        await claims.EnsureAsync(Session);
        var first = claims.ClaimOf(Session);
        claims.LoseAll();
        // As the client of the store does when the store refuses the first attempt.
        source.Claiming = () => claims.Lose(Session, claims.LastClaim);

        await claims.EnsureAsync(Session);
        await claims.EnsureAsync(Session);

        Assert.Equal(["claim", "claim"], source.Calls);
        Assert.Equal([first], stopped);
    }

    [Fact]
    public async Task A_new_claim_that_no_other_host_came_between_keeps_its_number()
    {
        var claims = new SessionClaims(TimeProvider.System) { Source = new Source() };
        var first = await claims.UseAsync(Session);

        claims.LoseAll();
        Assert.Equal(first, await claims.UseAsync(Session));

        claims.Lose(Session, first);
        Assert.True(await claims.UseAsync(Session) > first);
    }

    [Fact]
    public async Task A_run_that_enters_on_a_claim_that_was_lost_meanwhile_stops()
    {
        var claims = new SessionClaims(TimeProvider.System) { Source = new Source() };
        // After the store has granted the claim, and before a run counts on it.
        claims.TakeOver = session =>
        {
            claims.Lose(session, claims.LastClaim);
            return default;
        };
        var gate = new SessionGate(TimeProvider.System, claims);
        var record = new RunRecord { Id = "r1", Session = Session, Agent = "assistant", Status = RunStatus.Queued, CreatedAt = DateTimeOffset.UnixEpoch };
        var run = new RunHandle(record, command: null, cancelOnDisconnect: false);

        await gate.EnterToStoreAsync(Session, run);

        Assert.True(run.HasLostSession);
        gate.Exit(Session);
    }

    [Fact]
    public async Task A_claim_that_meets_another_host_stops_what_began_before()
    {
        var (source, stopped) = (new Source(), new List<long>());
        var claims = new SessionClaims(TimeProvider.System) { Source = source, Stop = (_, claim) => stopped.Add(claim) };
        await claims.UseAsync(Session);
        var first = claims.ClaimOf(Session);
        claims.Lose(Session, first);
        stopped.Clear();
        source.Other = new HostDescription { Id = "b", Name = "b", Version = "1", StartedAt = DateTimeOffset.UnixEpoch };

        await Assert.ThrowsAsync<SessionElsewhereException>(() => claims.EnsureAsync(Session).AsTask());

        Assert.Equal([first], stopped);
        claims.Unuse(Session);
    }

    private sealed class Source : IClaimSource
    {
        public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Calls { get; } = [];

        /// <summary>The host that has the session; null for this one.</summary>
        public HostDescription? Other { get; set; }

        /// <summary>Called by each claim.</summary>
        public Action? Claiming { get; set; }

        public ValueTask<HostDescription?> ClaimAsync(SessionKey session)
        {
            lock (Calls) Calls.Add("claim");
            Claiming?.Invoke();
            return new(Other);
        }

        public HostDescription? FindHost(string agent) => null;

        public async ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions)
        {
            await LetGo.Task;
            lock (Calls) Calls.Add("release");
        }
    }
}
