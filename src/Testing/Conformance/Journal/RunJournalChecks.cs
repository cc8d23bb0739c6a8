using System.Text;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Journal;

/// <summary>Checks the rules of <see cref="IRunJournal"/> of a session store.</summary>
/// <param name="create">Creates the store, always with the same files below the context's folder.</param>
internal sealed partial class RunJournalChecks(Func<PluginContext, ISessionStore> create) : ConformanceChecks<ISessionStore>(create)
{
    private static SessionKey Key { get; } = new("default", "s1");

    private static DateTimeOffset Start { get; } = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567);

    /// <summary>The names of the cases.</summary>
    public static IReadOnlyList<string> Cases { get; } = ConformanceCases.FindNames(typeof(RunJournalChecks));

    private ISessionStore Store => Plugin;

    private IRunJournal Journal => Plugin as IRunJournal ?? throw new ConformanceException("The store does not implement IRunJournal.");

    private static SessionRecord Session(SessionKey? key = null) => new() { Key = key ?? Key, Version = 1, CreatedAt = Start, UpdatedAt = Start };

    /// <summary>The record of a run in progress.</summary>
    private static RunRecord Open(string id, int seconds = 0, SessionKey? session = null, RunStatus status = RunStatus.Running) =>
        new() { Id = id, Session = session ?? Key, Agent = "assistant", Status = status, CreatedAt = Start.AddSeconds(seconds) };

    /// <summary>The record of the same run when it has ended.</summary>
    private static RunRecord Ended(RunRecord run) =>
        run with { Status = RunStatus.Completed, CompletedAt = Start.AddHours(1), Output = [new ChatMessage(ChatRole.Assistant, $"answer of {run.Id}")] };

    private static JournalWrite First(RunRecord run, params string[] steps) => new() { Session = run.Session, RunId = run.Id, Run = run, Steps = Documents(steps) };

    private static JournalWrite Next(RunRecord run, int first, params string[] steps) =>
        new() { Session = run.Session, RunId = run.Id, FirstStep = first, Steps = Documents(steps) };

    /// <summary>Opens a run of an existing session.</summary>
    private async Task<RunRecord> OpenAsync(RunRecord run, params string[] steps)
    {
        await Journal.WriteAsync(First(run, steps), None);
        return run;
    }

    private ValueTask CreateAsync(SessionKey? key = null) => Store.SaveAsync(new SessionSave { Session = Session(key), ExpectedVersion = 0 }, None);

    /// <summary>Saves the next version of the session of a run with the run, which ends.</summary>
    private async Task EndAsync(RunRecord run, bool isOpen = true)
    {
        var session = (await FindSessionAsync(run.Session))!;
        var next = session with { Version = session.Version + 1, LastRunId = run.Id };
        await Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = session.Version, Previous = session, Run = Ended(run), EndsRun = isOpen }, None);
    }

    private async Task<SessionRecord?> FindSessionAsync(SessionKey key) =>
        (await Store.FindSessionsAsync(new SessionQuery { Tenant = key.Tenant, Id = key.Id }, None)).Items.SingleOrDefault();

    private async Task<RunRecord?> FindRunAsync(string id, SessionKey? session = null)
    {
        var key = session ?? Key;
        return (await Store.FindRunsAsync(new RunQuery { Tenant = key.Tenant, SessionId = key.Id, RunId = id }, None)).Items.SingleOrDefault();
    }

    private async Task<string> StepsAsync(string run, int first = 0, int limit = 1000, SessionKey? session = null)
    {
        var page = await Journal.ReadAsync(session ?? Key, run, first, limit, None);
        return string.Join(' ', page.Items.Select(s => $"{s.Position}={Encoding.UTF8.GetString(s.Document.Span)}")) + (page.HasMore ? " …" : "");
    }

    private async Task<string> RunsAsync(RunQuery query)
    {
        var page = await Store.FindRunsAsync(query, None);
        return string.Join(' ', page.Items.Select(r => $"{r.Id}:{r.Status}")) + (page.HasMore ? " …" : "");
    }

    private async Task<string> OpenRunsAsync(OpenRunQuery? query = null)
    {
        var page = await Journal.FindOpenRunsAsync(query ?? new OpenRunQuery(), None);
        return string.Join(' ', page.Items.Select(r => r.Id)) + (page.HasMore ? " …" : "");
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Documents(params string[] steps) =>
        [.. steps.Select(s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s))];
}
