using System.Text.Json;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Sessions;

/// <summary>Checks the rules of <see cref="ISessionStore"/>.</summary>
/// <param name="create">Creates the store, always with the same files below the context's folder.</param>
internal sealed partial class SessionStoreChecks(Func<PluginContext, ISessionStore> create) : ConformanceChecks<ISessionStore>(create)
{
    private static SessionKey Key { get; } = new("default", "s1");

    private static DateTimeOffset Start { get; } = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567);

    /// <summary>The names of the cases.</summary>
    public static IReadOnlyList<string> Cases { get; } = ConformanceCases.FindNames(typeof(SessionStoreChecks));

    private ISessionStore Store => Plugin;

    private static SessionRecord Record(string id, int seconds = 0) => Record(Key with { Id = id }, seconds);

    private static SessionRecord Record(SessionKey key, int seconds = 0) => new() { Key = key, Version = 1, CreatedAt = Start.AddSeconds(seconds), UpdatedAt = Start.AddSeconds(seconds) };

    private static RunRecord Run(string id, SessionKey? session = null) => new()
    {
        Id = id,
        Session = session ?? Key,
        Agent = "assistant",
        Status = RunStatus.Completed,
        CreatedAt = Start,
        CompletedAt = Start.AddSeconds(1),
        Output = [new ChatMessage(ChatRole.Assistant, $"answer of {id}")],
    };

    private ValueTask CreateAsync(SessionRecord record, RunRecord? run = null) =>
        Store.SaveAsync(new SessionSave { Session = record, ExpectedVersion = 0, Run = run }, None);

    /// <summary>Saves the next version of a record and returns it.</summary>
    private async Task<SessionRecord> UpdateAsync(SessionRecord previous, RunRecord? run = null)
    {
        var next = previous with { Version = previous.Version + 1, UpdatedAt = previous.UpdatedAt.AddMinutes(1), LastRunId = run?.Id ?? previous.LastRunId };
        await Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = previous.Version, Previous = previous, Run = run }, None);
        return next;
    }

    private async Task<SessionRecord?> FindAsync(SessionKey key) =>
        (await Store.FindSessionsAsync(new SessionQuery { Tenant = key.Tenant, Id = key.Id }, None)).Items.SingleOrDefault();

    private async Task<string> SessionIdsAsync(SessionQuery query) =>
        string.Join(' ', (await Store.FindSessionsAsync(query, None)).Items.Select(s => s.Key.Id));

    private async Task<string> RunIdsAsync(RunQuery query) => string.Join(' ', (await Store.FindRunsAsync(query, None)).Items.Select(r => r.Id));

    private static RunQuery QueryRuns(SessionKey key) => new() { Tenant = key.Tenant, SessionId = key.Id, Limit = 1000 };

    private static SessionRecord FullRecord(SessionKey key) => new()
    {
        Key = key,
        Version = 1,
        CreatedAt = Start,
        UpdatedAt = Start.AddTicks(3),
        Metadata = new Dictionary<string, string> { ["Ünï \"key\""] = "value\n\0", [""] = "" },
        State = new Dictionary<string, JsonElement>
        {
            ["memory"] = JsonElement.Parse("""{"facts":["ä","b"],"n":1.50,"big":12345678901234567890,"none":null}"""),
            ["memory/long"] = JsonElement.Parse("{}"),
        },
        ServiceSessionId = "conv_1",
        ServiceClient = "openai",
        History = "sqlite-history/main",
        Transcript = new TranscriptMark { Count = 3, First = "hash-of-first", Hash = "hash-of-all" },
        LastRunId = "r1",
        LastTraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Extensions = new Dictionary<string, JsonElement> { ["future"] = JsonElement.Parse("""[1,{"a":"b"}]"""), ["flag"] = JsonElement.Parse("false") },
    };

    private static RunRecord FullRun(SessionKey session) => new()
    {
        Id = "r1",
        Session = session,
        Agent = "writer",
        Status = RunStatus.RequiresAction,
        CreatedAt = Start,
        CompletedAt = Start.AddTicks(5),
        Attempt = 3,
        Output =
        [
            new ChatMessage(ChatRole.Assistant, [new TextContent("hi 👋"), new FunctionCallContent("c1", "ask", new Dictionary<string, object?> { ["q"] = "ä?" })]) { AuthorName = "writer" },
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "yes")]) { MessageId = "m", AdditionalProperties = new() { ["x"] = 1 } },
        ],
        Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 20, TotalTokenCount = 30, AdditionalCounts = new() { ["cached"] = 5 } },
        Error = new RunError { Type = "model_error", Message = "The model said \"no\"." },
        Skipped = ["memory", "rag/docs"],
        Failures = [new PluginFailure { Plugin = "memory", Type = "System.IO.IOException", Message = "The disk is \"full\"." }],
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        IdempotencyKey = "key '1'",
        RequestHash = "hash",
        FinishReason = "length",
        Details = JsonElement.Parse("""{"tools":[{"name":"ä"}],"n":1.50}"""),
        Metadata = new Dictionary<string, string> { ["a"] = "b" },
    };
}
