using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Another host has had a session: the runs that began before stop and store nothing more, and those of the new claim continue.</summary>
public sealed class LostSessionTests
{
    private readonly Hanging _hanging = new();

    [Fact]
    public async Task A_write_that_is_refused_late_stops_only_the_runs_of_its_claim()
    {
        var store = new ProcessStore(new InMemorySessions());
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), [], store: store);
        // It stops the runs of lost claims.
        _ = engine.Engine;
        var granting = new Granting();
        engine.Claims.Source = granting;
        var old = await BeginAsync(engine, "old");
        RunHandle? later = null;
        store.BeforeSave = async save =>
        {
            // While the write is on its way, the session is lost and claimed again.
            engine.Claims.Lose(Key("s"), old.Claim);
            later = await BeginAsync(engine, "later");
            throw new SessionMovedException(save.Session.Key);
        };

        await Assert.ThrowsAsync<SessionStoreException>(() => engine.Set.Store.SaveAsync(Save(), old).AsTask());

        Assert.True(old.HasLostSession);
        Assert.False(later!.HasLostSession);
        Assert.Equal(later.Claim, engine.Claims.ClaimOf(Key("s")));
        await engine.Claims.EnsureAsync(Key("s"));
        Assert.Equal(2, granting.Claims);
    }

    [Fact]
    public async Task A_run_that_has_lost_its_session_appends_nothing()
    {
        var history = new Probe.History();
        await using var engine = new TestEngine(new ScriptedModel(call => WaitAsync(call.Cancellation)), [Plugin(history, "h")]);
        // With a key, an append would not be taken back.
        var handle = await engine.Engine.StartAsync(Command("s", "hi") with { IdempotencyKey = "k", RequestHash = "h" }, default);
        await _hanging.Entered;

        handle.LoseSession();
        var run = await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((RunStatus.Failed, ErrorTypes.Storage), (run.Status, run.Error!.Type));
        Assert.Empty(history.Appends);
    }

    [Fact]
    public async Task While_a_session_is_taken_over_again_others_see_the_run_that_waits_for_an_approval()
    {
        var pay = AIFunctionFactory.Create(() => "paid", "pay");
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "pay")), _ => ScriptedModel.Say("done"));
        var store = new ProcessStore(new InMemorySessions());
        await using var engine = new TestEngine(
            model, [Plugin(new Probe.Context(_ => new ContextContribution { Tools = [pay] }), "tools", entry => entry with { Approve = ["*"] })], store: store);
        var parked = await engine.RunAsync("s", "hi");
        var seen = new List<string>();
        store.BeforeFindRuns = () => seen.Add(engine.Live.Parked.Find(parked.Session)?.RunId ?? "none");

        await engine.Claims.TakeOver!(parked.Session);

        Assert.Equal([parked.Id], seen);
        Assert.Equal(parked.Id, engine.Live.Parked.Find(parked.Session)?.RunId);
    }

    private static async Task<RunHandle> BeginAsync(TestEngine engine, string id)
    {
        await engine.Claims.EnsureAsync(Key("s"));
        var record = new RunRecord { Id = id, Session = Key("s"), Agent = "assistant", Status = RunStatus.Running, CreatedAt = DateTimeOffset.UnixEpoch };
        var handle = new RunHandle(record, command: null, cancelOnDisconnect: false) { Claim = engine.Claims.ClaimOf(Key("s")) };
        Assert.True(engine.Live.TryAdd(handle));
        return handle;
    }

    private static SessionSave Save() => new()
    {
        Session = new SessionRecord { Key = Key("s"), Version = 1, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch },
        ExpectedVersion = 0,
    };

    private async IAsyncEnumerable<ChatResponseUpdate> WaitAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _hanging.ForeverAsync().WaitAsync(cancellationToken);
        yield return new(ChatRole.Assistant, "never");
    }

    /// <summary>All sessions are this host's.</summary>
    private sealed class Granting : IClaimSource
    {
        public int Claims { get; private set; }

        public ValueTask<HostDescription?> ClaimAsync(SessionKey session)
        {
            Claims++;
            return new((HostDescription?)null);
        }

        public HostDescription? FindHost(string agent) => null;

        public ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions) => default;
    }
}
