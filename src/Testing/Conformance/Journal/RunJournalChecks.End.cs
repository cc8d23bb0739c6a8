using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Journal;

internal sealed partial class RunJournalChecks
{
    [Case]
    public async Task A_save_that_ends_a_run_removes_it_with_its_steps()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1") with { IdempotencyKey = "k1" }, "0", "1");
        var other = await OpenAsync(Open("r2", 1), "0");
        await EndAsync(run);
        for (var i = 0; i < 2; i++)
        {
            JsonAssert.Equivalent(Ended(run), await FindRunAsync("r1"));
            Expect.Equal("r1:Completed", await RunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k1" }));
            Expect.Equal("", await StepsAsync("r1"));
            Expect.Equal("r2", await OpenRunsAsync());
            Expect.Equal("0=0", await StepsAsync(other.Id));
            await ReopenAsync();
        }
    }

    [Case]
    public async Task A_save_of_an_older_version_leaves_the_run_and_its_steps()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1"), "0", "1");
        var save = new SessionSave { Session = Session() with { Version = 6 }, ExpectedVersion = 5, Run = Ended(run), EndsRun = true };
        await Expect.ThrowsAsync<SessionConflictException>(() => Store.SaveAsync(save, None).AsTask());
        for (var i = 0; i < 2; i++)
        {
            JsonAssert.Equivalent(run, await FindRunAsync("r1"));
            Expect.Equal("r1", await OpenRunsAsync());
            Expect.Equal("0=0 1=1", await StepsAsync("r1"));
            await ReopenAsync();
        }
    }

    [Case]
    public async Task Other_saves_of_the_session_leave_the_run()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1"), "0");
        await EndAsync(Open("r2"), isOpen: false);
        var session = (await FindSessionAsync(Key))!;
        await Store.SaveAsync(new SessionSave { Session = session with { Version = 3 }, ExpectedVersion = 2, RemovedRun = "r2" }, None);
        await ReopenAsync();

        JsonAssert.Equivalent(run, await FindRunAsync("r1"));
        Expect.Equal("0=0", await StepsAsync("r1"));
        Expect.Equal("r1:Running", await RunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }));
    }

    [Case]
    public async Task A_run_that_is_tried_again_is_open_once_more_and_listed_once()
    {
        await CreateAsync();
        await EndAsync(await OpenAsync(Open("r1"), "0"));
        await EndAsync(Open("r2"), isOpen: false);
        var again = await OpenAsync(Open("r1", 1) with { Attempt = 2 }, "10", "11");
        for (var i = 0; i < 2; i++)
        {
            JsonAssert.Equivalent(again, await FindRunAsync("r1"));
            Expect.Equal("r2:Completed r1:Running", await RunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }));
            Expect.Equal("0=10 1=11", await StepsAsync("r1"));
            await ReopenAsync();
        }

        await EndAsync(again);
        await ReopenAsync();
        Expect.Equal("", await OpenRunsAsync());
        JsonAssert.Equivalent(Ended(again), await FindRunAsync("r1"));
    }

    [Case]
    public async Task Steps_of_a_run_that_is_not_open_are_refused()
    {
        await CreateAsync();
        await Expect.ThrowsAsync<StorageException>(() => Journal.WriteAsync(Next(Open("unknown"), 0, "1"), None).AsTask());
        var run = await OpenAsync(Open("r1"), "0");
        await EndAsync(run);
        await Expect.ThrowsAsync<StorageException>(() => Journal.WriteAsync(Next(run, 1, "1"), None).AsTask());
        await ReopenAsync();

        Expect.Equal("", await OpenRunsAsync());
        Expect.Equal("r1:Completed", await RunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }));
        Expect.Equal("", await StepsAsync("r1"));
    }

    [Case]
    public async Task Deleting_a_session_erases_its_open_runs_and_later_writes_do_not_bring_them_back()
    {
        await CreateAsync();
        var details = new Dictionary<string, string> { ["a"] = "secret-of-record" };
        var run = await OpenAsync(Open("r1") with { Metadata = details, IdempotencyKey = "k1" }, "\"secret-of-step\"", "\"secret-replaced\"");
        await Journal.WriteAsync(First(run with { Metadata = new Dictionary<string, string> { ["a"] = "secret-later" } }, "\"secret-last\"") with { FirstStep = 1 }, None);
        await EndAsync(await OpenAsync(Open("r2"), "\"secret-ended\""));
        await CreateAsync(Key with { Id = "other" });
        await OpenAsync(Open("r3", 0, Key with { Id = "other" }), "0");

        Expect.True(await Store.DeleteAsync(Key, None) > 0);

        Expect.False(HoldsContent("secret-"));
        await Expect.ThrowsAsync<StorageException>(() => Journal.WriteAsync(Next(run, 2, "\"secret-late\""), None).AsTask());
        await Expect.ThrowsAsync<StorageException>(() => Journal.WriteAsync(First(run, "\"secret-late\""), None).AsTask());
        for (var i = 0; i < 2; i++)
        {
            Expect.False(HoldsContent("secret-"));
            Expect.Equal("r3", await OpenRunsAsync());
            Expect.Null(await FindSessionAsync(Key));
            Expect.Equal("", await StepsAsync("r1"));
            Expect.Equal("", await RunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k1" }));
            await ReopenAsync();
        }

        await Journal.WriteAsync(First(Open("r4"), "4") with { NewSession = Session() }, None);
        Expect.Equal("r4:Running", await RunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }));
    }
}
