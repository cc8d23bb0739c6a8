using System.Text.Json;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Journal;

internal sealed partial class RunJournalChecks
{
    [Case]
    public async Task A_first_write_creates_run_and_session_together()
    {
        var session = Session() with { Metadata = new Dictionary<string, string> { ["a"] = "b" } };
        var run = Open("r1") with { IdempotencyKey = "k1", RequestHash = "hash", Attempt = 2, Details = JsonElement.Parse("""{"input":"ä"}""") };
        await Journal.WriteAsync(First(run, "1", "2") with { NewSession = session }, None);
        for (var i = 0; i < 2; i++)
        {
            JsonAssert.Equivalent(session, await FindSessionAsync(Key));
            JsonAssert.Equivalent(run, await FindRunAsync("r1"));
            Expect.Equal("r1", await OpenRunsAsync());
            Expect.Equal("0=1 1=2", await StepsAsync("r1"));
            Expect.Equal(1, await Store.CountSessionsAsync("default", None));
            await ReopenAsync();
        }
    }

    [Case]
    public async Task A_new_session_that_exists_is_a_conflict_and_changes_nothing()
    {
        await CreateAsync();
        for (var i = 0; i < 2; i++)
        {
            var write = First(Open("r1"), "1") with { NewSession = Session() with { LastRunId = "changed" } };
            var conflict = await Expect.ThrowsAsync<SessionConflictException>(() => Journal.WriteAsync(write, None).AsTask());

            Expect.Equal((Key, 0, 1), (conflict.Session, conflict.Expected, conflict.Found));
            JsonAssert.Equivalent(Session(), await FindSessionAsync(Key));
            Expect.Null(await FindRunAsync("r1"));
            Expect.Equal("", await OpenRunsAsync());
            Expect.Equal("", await StepsAsync("r1"));
            await ReopenAsync();
        }
    }

    [Case]
    public async Task Writes_do_not_change_the_session()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1"), "1");
        await Journal.WriteAsync(Next(run, 1, "2"), None);
        JsonAssert.Equivalent(Session(), await FindSessionAsync(Key));
        var next = Session() with { Version = 2, LastRunId = "changed" };
        await Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = 1, Previous = Session() }, None);
        await Journal.WriteAsync(Next(run, 2, "3"), None);
        await ReopenAsync();

        JsonAssert.Equivalent(next, await FindSessionAsync(Key));
        Expect.Equal("0=1 1=2 2=3", await StepsAsync("r1"));
    }

    [Case]
    public async Task Steps_are_read_in_order_and_in_pages()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1"));
        Expect.Equal("", await StepsAsync("r1"));
        await Journal.WriteAsync(Next(run, 0, "0", "1"), None);
        await Journal.WriteAsync(Next(run, 2, "2"), None);
        await Journal.WriteAsync(Next(run, 3, "3", "4"), None);
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("0=0 1=1 2=2 3=3 4=4", await StepsAsync("r1"));
            Expect.Equal("0=0 1=1 …", await StepsAsync("r1", limit: 2));
            Expect.Equal("2=2 3=3 …", await StepsAsync("r1", 2, 2));
            Expect.Equal("4=4", await StepsAsync("r1", 4, 2));
            Expect.Equal("3=3 4=4", await StepsAsync("r1", 3, 2));
            Expect.Equal("", await StepsAsync("r1", 5, 2));
            Expect.Equal("", await StepsAsync("unknown"));
            Expect.Equal("", await StepsAsync("r1", session: Key with { Id = "unknown" }));
            await ReopenAsync();
        }
    }

    [Case]
    public async Task A_repeated_write_replaces_its_steps_and_those_after_them()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1"), "0", "1", "2", "3");
        for (var i = 0; i < 2; i++)
        {
            await Journal.WriteAsync(Next(run, 1, "11", "12"), None);
            Expect.Equal("0=0 1=11 2=12", await StepsAsync("r1"));
        }

        await Journal.WriteAsync(Next(run, 3, "13", "14"), None);
        await ReopenAsync();
        await Journal.WriteAsync(Next(run, 4, "24"), None);
        await ReopenAsync();

        Expect.Equal("0=0 1=11 2=12 3=13 4=24", await StepsAsync("r1"));
    }

    [Case]
    public async Task Steps_after_a_gap_are_refused()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1"), "0");
        await Expect.ThrowsAsync<StorageException>(() => Journal.WriteAsync(Next(run, 2, "2"), None).AsTask());
        await Journal.WriteAsync(Next(run, 1, "1"), None);
        await ReopenAsync();

        Expect.Equal("0=0 1=1", await StepsAsync("r1"));
    }

    [Case]
    public async Task The_record_and_the_steps_are_written_independently()
    {
        await CreateAsync();
        var run = await OpenAsync(Open("r1", status: RunStatus.Queued), "0");
        var running = run with { Status = RunStatus.Running, TraceId = new string('a', 32) };
        await Journal.WriteAsync(First(running), None);
        await Journal.WriteAsync(Next(run, 1, "1"), None);
        for (var i = 0; i < 2; i++)
        {
            JsonAssert.Equivalent(running, await FindRunAsync("r1"));
            Expect.Equal("0=0 1=1", await StepsAsync("r1"));
            await ReopenAsync();
        }

        var parked = running with { Status = RunStatus.RequiresAction };
        await Journal.WriteAsync(First(parked, "2") with { FirstStep = 2 }, None);
        await ReopenAsync();
        JsonAssert.Equivalent(parked, await FindRunAsync("r1"));
        Expect.Equal("0=0 1=1 2=2", await StepsAsync("r1"));
    }

    [Case]
    public async Task Documents_are_returned_byte_for_byte()
    {
        await CreateAsync();
        string[] steps = ["""{ "b" : 1.50,"a":[ null , "\u00e4ä\\\"👋"] , "a":2 }""", "null", "\"\"", "12345678901234567890", "[]"];
        await OpenAsync(Open("r1"), steps);
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal(string.Join(' ', steps.Select((s, at) => $"{at}={s}")), await StepsAsync("r1"));
            await ReopenAsync();
        }
    }

    [Case(64)]
    [Case(900)]
    public async Task Deeply_nested_documents_are_returned_unchanged(int levels)
    {
        var json = JsonAssert.Nested(levels);
        var run = Open("r1") with { Details = json, Output = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", json)])] };
        await Journal.WriteAsync(First(run, json.GetRawText()) with { NewSession = Session() }, None);
        await ReopenAsync();

        Expect.Equal($"0={json.GetRawText()}", await StepsAsync("r1"));
        Expect.Equal(json.GetRawText(), (await FindRunAsync("r1"))!.Details!.Value.GetRawText());
        Expect.Equal("r1", await OpenRunsAsync());
    }

    [Case]
    public async Task Large_documents_are_returned_unchanged()
    {
        var large = $"\"{new string('x', 3_000_000)}\"";
        await CreateAsync();
        var run = await OpenAsync(Open("r1") with { Metadata = new Dictionary<string, string> { ["a"] = large } }, large, "1");
        await Journal.WriteAsync(Next(run, 2, large), None);
        await ReopenAsync();

        Expect.True(await StepsAsync("r1") == $"0={large} 1=1 2={large}", "the steps have changed");
        Expect.True((await FindRunAsync("r1"))!.Metadata["a"] == large, "the record has changed");
    }

    [Case]
    public async Task Members_of_a_later_version_are_kept()
    {
        await CreateAsync();
        var run = RunRecord.FromDocument(JsonAssert.AddMember(Open("r1").ToDocument()));
        await OpenAsync(run);
        await ReopenAsync();

        JsonAssert.Equivalent(run.ToDocument(), (await FindRunAsync("r1"))!.ToDocument());
        JsonAssert.Equivalent(run.ToDocument(), Expect.Single((await Journal.FindOpenRunsAsync(new OpenRunQuery(), None)).Items).ToDocument());
    }
}
