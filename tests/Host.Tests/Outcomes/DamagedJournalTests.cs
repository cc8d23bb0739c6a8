using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

/// <summary>The journal of a run in progress was damaged, or written by a newer version, while no host was running.</summary>
public sealed class DamagedJournalTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_with_a_damaged_journal_is_failed_with_the_reason_and_continues_when_its_journal_is_whole_again(string store)
    {
        using var setup = new OutcomeSetup(store) { ShutdownTimeout = "0.2s" };
        await using var model = await FakeModel.StartAsync();
        string[] sessions = ["intact", "newer-step", "cut-step", "no-beginning"];
        var runs = await LeaveAsync(setup, model, sessions);
        var damage = new JournalDamage(setup, store);
        damage.AddNewerStep(runs["newer-step"]);
        damage.CutLastStep(runs["cut-step"]);
        damage.RemoveFirstStep(runs["no-beginning"]);

        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            Assert.Equal("completed", (await host.EndOfAsync("intact", runs["intact"])).GetProperty("status").GetString());
            await CheckLostAsync(host, "newer-step", runs, "has the kind 'dream', which this version of the host does not know");
            await CheckLostAsync(host, "cut-step", runs, store == "sqlite" ? "Step 2 of the journal cannot be read." : "is corrupt at byte");
            await CheckLostAsync(host, "no-beginning", runs, store == "sqlite" ? "Step 0 of the journal cannot be there." : "Expected step 0, found step 1.");
        }

        damage.Repair();
        await using var repaired = await OutcomeHost.StartAsync(setup, model);
        foreach (var session in sessions) Assert.Equal("completed", (await repaired.EndOfAsync(session, runs[session])).GetProperty("status").GetString());
        Assert.Equal(["user: next", "assistant: Hello there", "user: hi", "assistant: Hello there"], await repaired.StoredAsync("newer-step"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_write_that_a_crash_cut_off_changes_nothing_and_the_run_continues(string store)
    {
        using var setup = new OutcomeSetup(store) { ShutdownTimeout = "0.2s" };
        await using var model = await FakeModel.StartAsync();
        var run = (await LeaveAsync(setup, model, "s"))["s"];
        new JournalDamage(setup, store).TearNextWrite(run);

        await using var host = await OutcomeHost.StartAsync(setup, model);

        Assert.Equal("completed", (await host.EndOfAsync("s", run)).GetProperty("status").GetString());
        Assert.Equal(["user: hi", "assistant: Hello there"], await host.StoredAsync("s"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_in_a_state_of_a_newer_version_is_reported_and_continues_when_the_state_is_known(string store)
    {
        using var setup = new OutcomeSetup(store) { ShutdownTimeout = "0.2s" };
        await using var model = await FakeModel.StartAsync();
        var run = (await LeaveAsync(setup, model, "s"))["s"];
        var damage = new JournalDamage(setup, store);
        damage.SetState(run, "dreaming");

        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            (await host.GetAsync($"/v1/sessions/s/runs/{run}")).IsProblem(404, "run-not-found");
            Assert.Contains(host.Log.Of(run), l => l.Text.Contains("dreaming", StringComparison.Ordinal));
            Assert.Equal("completed", (await host.RunAsync("s", "next")).Run("status"));
        }

        damage.Repair();
        await using var repaired = await OutcomeHost.StartAsync(setup, model);
        Assert.Equal("completed", (await repaired.EndOfAsync("s", run)).GetProperty("status").GetString());
    }

    /// <summary>Begins one run in the background in each session, and stops the host in the middle of them.</summary>
    private static async Task<Dictionary<string, string>> LeaveAsync(OutcomeSetup setup, FakeModel model, params string[] sessions)
    {
        var runs = new Dictionary<string, string>();
        await using var host = await OutcomeHost.StartAsync(setup, model);
        foreach (var session in sessions)
        {
            var hold = new Hold();
            model.Enqueue(new ModelReply { BeforeAnswer = hold });
            runs[session] = await host.BeginAsync(session, "hi");
            await hold.Reached;
        }

        return runs;
    }

    private static async Task CheckLostAsync(OutcomeHost host, string session, Dictionary<string, string> runs, string reason)
    {
        var error = (await host.EndOfAsync(session, runs[session])).GetProperty("error");
        Assert.Equal("host_lost", error.GetProperty("type").GetString());
        Assert.Contains(reason, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("It stays in the journal, and is tried again when the host starts.", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(host.Log.Of(runs[session]), l => l.Text.Contains(reason, StringComparison.Ordinal));
        // The session serves other runs meanwhile.
        Assert.Equal("completed", (await host.RunAsync(session, "next")).Run("status"));
    }
}
