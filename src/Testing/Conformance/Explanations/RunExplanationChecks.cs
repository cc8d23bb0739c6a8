using System.Text;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Explanations;

/// <summary>Checks the rules of <see cref="IRunExplanations"/> of a session store.</summary>
/// <param name="create">Creates the store, always with the same files below the context's folder.</param>
internal sealed class RunExplanationChecks(Func<PluginContext, ISessionStore> create) : ConformanceChecks<ISessionStore>(create)
{
    private static SessionKey Key { get; } = new("default", "s1");

    private static DateTimeOffset Start { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>The names of the cases.</summary>
    public static IReadOnlyList<string> Cases { get; } = ConformanceCases.FindNames(typeof(RunExplanationChecks));

    private ISessionStore Store => Plugin;

    private IRunExplanations Explanations => Plugin as IRunExplanations ?? throw new ConformanceException("The store does not implement IRunExplanations.");

    [Case]
    public async Task An_explanation_is_read_as_it_was_written_also_after_a_restart_and_a_later_write_replaces_it()
    {
        await RunAsync("r1");
        Expect.Null(await ReadAsync("r1"));
        Expect.True(await WriteAsync("r1", "{\"a\":\"ä 👋\"}"));
        Expect.Equal("{\"a\":\"ä 👋\"}", await ReadAsync("r1"));
        Expect.True(await WriteAsync("r1", "second"));

        await ReopenAsync();

        Expect.Equal("second", await ReadAsync("r1"));
        Expect.Null(await ReadAsync("r2"));
        Expect.Null(await ReadAsync("r1", Key with { Id = "S1" }));
        Expect.Null(await ReadAsync("r1", Key with { Tenant = "other" }));
    }

    [Case]
    public async Task A_run_that_the_session_does_not_have_gets_none()
    {
        Expect.False(await WriteAsync("r1", "of no session"));
        await RunAsync("r1");
        await RunAsync("r2", Key with { Id = "s2" });

        Expect.False(await WriteAsync("r2", "of another session"));
        Expect.False(await WriteAsync("r1", "of another tenant", Key with { Tenant = "other" }));
        await Store.DeleteAsync(Key, None);
        Expect.False(await WriteAsync("r1", "of a deleted session"));
        await ReopenAsync();

        Expect.Null(await ReadAsync("r1"));
        Expect.False(HoldsContent("of a deleted session"));
    }

    [Case]
    public async Task An_open_run_keeps_its_explanation_when_it_ends()
    {
        if (Store is not IRunJournal journal) return;
        var open = new RunRecord { Id = "r1", Session = Key, Agent = "assistant", Status = RunStatus.RequiresAction, CreatedAt = Start };
        await journal.WriteAsync(new JournalWrite { Session = Key, RunId = "r1", Run = open, NewSession = Record(Key, 1) }, None);
        Expect.True(await WriteAsync("r1", "as far as it is"));

        await Store.SaveAsync(new SessionSave { Session = Record(Key, 2), ExpectedVersion = 1, Run = Run("r1", Key), EndsRun = true }, None);

        Expect.Equal("as far as it is", await ReadAsync("r1"));
    }

    [Case]
    public async Task Nothing_of_an_explanation_remains_when_its_run_or_its_session_is_removed()
    {
        await RunAsync("r1");
        await RunAsync("r2", version: 2);
        await RunAsync("r3", Key with { Id = "s2" });
        await WriteAsync("r1", "secret-of-one");
        await WriteAsync("r2", "secret-of-two");
        await WriteAsync("r3", "secret-of-three", Key with { Id = "s2" });

        await Store.SaveAsync(new SessionSave { Session = Record(Key, 3), ExpectedVersion = 2, RemovedRun = "r1" }, None);

        Expect.Null(await ReadAsync("r1"));
        Expect.False(HoldsContent("secret-of-one"));
        Expect.Equal("secret-of-two", await ReadAsync("r2"));
        Expect.Equal(2, await Store.DeleteAsync(Key, None));
        Expect.Null(await ReadAsync("r2"));
        Expect.False(HoldsContent("secret-of-two"));
        Expect.Equal("secret-of-three", await ReadAsync("r3", Key with { Id = "s2" }));
    }

    [Case]
    public async Task The_explanations_of_a_session_can_be_removed_without_its_runs()
    {
        await RunAsync("r1");
        await RunAsync("r2", version: 2);
        await RunAsync("r3", Key with { Id = "s2" });
        await WriteAsync("r1", "secret-of-one");
        await WriteAsync("r2", "secret-of-two");
        await WriteAsync("r3", "secret-of-three", Key with { Id = "s2" });

        Expect.Equal(2, await Explanations.DeleteExplanationsAsync(Key, None));
        Expect.Equal(0, await Explanations.DeleteExplanationsAsync(Key, None));
        Expect.Equal(0, await Explanations.DeleteExplanationsAsync(Key with { Id = "none" }, None));

        Expect.Null(await ReadAsync("r1"));
        Expect.False(HoldsContent("secret-of-one") || HoldsContent("secret-of-two"));
        Expect.Equal("secret-of-three", await ReadAsync("r3", Key with { Id = "s2" }));
        Expect.Equal(2, (await Store.FindRunsAsync(new RunQuery { Tenant = Key.Tenant, SessionId = Key.Id }, None)).Items.Count);
        Expect.True(await WriteAsync("r2", "again"));
    }

    [Case]
    public async Task Each_tenant_has_so_many_bytes_and_the_oldest_go_first()
    {
        var other = Key with { Tenant = "other" };
        await RunAsync("r0", other);
        Expect.True(await WriteAsync("r0", Text("0", 900), other, max: 1000));
        for (var i = 1; i <= 4; i++) await RunAsync($"r{i}", version: i);
        for (var i = 1; i <= 3; i++) Expect.True(await WriteAsync($"r{i}", Text($"{i}", 300), max: 1000));

        Expect.True(await WriteAsync("r1", Text("later", 300), max: 1000));
        Expect.True(await WriteAsync("r4", Text("4", 300), max: 1000));
        Expect.False(await WriteAsync("r4", Text("large", 1001), max: 1000));
        await ReopenAsync();

        Expect.Null(await ReadAsync("r2"));
        Expect.Equal([Text("later", 300), Text("3", 300), Text("4", 300)], [await ReadAsync("r1"), await ReadAsync("r3"), await ReadAsync("r4")]);
        Expect.Equal(Text("0", 900), await ReadAsync("r0", other));
        Expect.True(await WriteAsync("r4", Text("4", 300), max: 600));
        Expect.Null(await ReadAsync("r3"));
    }

    [Case]
    public async Task Removed_explanations_leave_their_room_to_others()
    {
        await RunAsync("r1");
        await RunAsync("r2", Key with { Id = "s2" });
        for (var i = 0; i < 3; i++)
        {
            Expect.True(await WriteAsync("r1", Text("1", 900), max: 1000));
            await Explanations.DeleteExplanationsAsync(Key, None);
            Expect.True(await WriteAsync("r2", Text("2", 900), Key with { Id = "s2" }, max: 1000));
            await Explanations.DeleteExplanationsAsync(Key with { Id = "s2" }, None);
        }

        Expect.True(await WriteAsync("r1", Text("1", 500), max: 1000));
        Expect.True(await WriteAsync("r2", Text("2", 500), Key with { Id = "s2" }, max: 1000));
        Expect.Equal(Text("1", 500), await ReadAsync("r1"));
    }

    [Case]
    public async Task Explanations_of_hostile_ids_are_separate()
    {
        var ids = HostileIds.All;
        for (var i = 0; i < ids.Count; i++)
        {
            var key = new SessionKey(ids[^(i + 1)], ids[i]);
            await RunAsync(ids[i], key);
            Expect.True(await WriteAsync(ids[i], $"{i}", key));
        }

        await ReopenAsync();

        for (var i = 0; i < ids.Count; i++) Expect.Equal($"{i}", await ReadAsync(ids[i], new SessionKey(ids[^(i + 1)], ids[i])));
        Expect.Empty(Folder.FindEscapedEntries());
    }

    private static string Text(string start, int length) => start.PadRight(length, '.');

    private static SessionRecord Record(SessionKey key, long version) => new() { Key = key, Version = version, CreatedAt = Start, UpdatedAt = Start };

    private static RunRecord Run(string id, SessionKey session) => new()
    {
        Id = id,
        Session = session,
        Agent = "assistant",
        Status = RunStatus.Completed,
        CreatedAt = Start,
        CompletedAt = Start.AddSeconds(1),
    };

    private async Task RunAsync(string id, SessionKey? session = null, long version = 1)
    {
        var key = session ?? Key;
        await Store.SaveAsync(new SessionSave { Session = Record(key, version), ExpectedVersion = version - 1, Run = Run(id, key) }, None);
    }

    private ValueTask<bool> WriteAsync(string run, string document, SessionKey? session = null, long max = 1_000_000) => Explanations.WriteExplanationAsync(
        new ExplanationWrite { Session = session ?? Key, RunId = run, Document = Encoding.UTF8.GetBytes(document), MaxTenantBytes = max }, None);

    private async Task<string?> ReadAsync(string run, SessionKey? session = null) =>
        await Explanations.ReadExplanationAsync(session ?? Key, run, None) is { } document ? Encoding.UTF8.GetString(document.Span) : null;
}
