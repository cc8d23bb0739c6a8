using System.Text.Json;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Conformance;

/// <summary>What the stored files of earlier builds hold, in the folders <c>Earlier</c> of the plugins' tests.</summary>
public static class EarlierStore
{
    private static readonly DateTimeOffset Start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567);

    private static SessionKey Full { get; } = new("default", "full");

    private static SessionKey Plain { get; } = new("other", "plain/../x");

    private static SessionRecord FullRecord { get; } = new()
    {
        Key = Full,
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
        History = "history/main",
        Transcript = new TranscriptMark { Count = 3, First = "hash-of-first", Hash = "hash-of-all" },
        LastRunId = "r1",
        LastTraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Extensions = new Dictionary<string, JsonElement> { ["future"] = JsonElement.Parse("""[1,{"a":"b"}]"""), ["flag"] = JsonElement.Parse("false") },
    };

    private static SessionRecord PlainRecord { get; } = new()
    {
        Key = Plain,
        Version = 1,
        CreatedAt = Start.AddHours(1),
        UpdatedAt = Start.AddHours(1),
    };

    private static RunRecord FullRun { get; } = new()
    {
        Id = "r1",
        Session = Full,
        Agent = "writer",
        Status = RunStatus.Failed,
        CreatedAt = Start,
        CompletedAt = Start.AddTicks(5),
        Attempt = 3,
        Output =
        [
            new ChatMessage(ChatRole.Assistant, [new TextContent("hi 👋"), new FunctionCallContent("c1", "ask", new Dictionary<string, object?> { ["q"] = "ä?" })]) { AuthorName = "writer" },
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", "yes")]) { MessageId = "m", AdditionalProperties = new() { ["x"] = 1 } },
        ],
        Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 20, TotalTokenCount = 30, AdditionalCounts = new() { ["cached"] = 5 } },
        Error = new RunError { Type = "model_error", Message = "The model said \"no\".", Code = "bad", Param = "n", RetryAfter = TimeSpan.FromSeconds(1.5), ShouldRetry = true },
        Skipped = ["memory", "rag/docs"],
        Failures = [new PluginFailure { Plugin = "memory", Type = "System.IO.IOException", Message = "The disk is \"full\"." }],
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        IdempotencyKey = "key '1'",
        RequestHash = "hash",
        FinishReason = "length",
        Details = JsonElement.Parse("""{"tools":[{"name":"ä"}],"n":1.50}"""),
        Metadata = new Dictionary<string, string> { ["a"] = "b" },
    };

    private static RunRecord SecondRun { get; } = new()
    {
        Id = "r2",
        Session = Full,
        Agent = "assistant",
        Status = RunStatus.Completed,
        CreatedAt = Start.AddMinutes(1),
        CompletedAt = Start.AddMinutes(2),
        Output = [new ChatMessage(ChatRole.Assistant, "second")],
    };

    /// <summary>The appends of the full session, in order.</summary>
    private static IReadOnlyList<HistoryAppend> Appends { get; } =
    [
        new() { Session = Full, Messages = [new() { Id = "imported", Origin = MessageOrigin.Input, Message = new ChatMessage(ChatRole.User, "imported") }], CreatedAt = Start },
        new()
        {
            Session = Full,
            Messages =
            [
                new() { Id = "r1.0", Origin = MessageOrigin.Input, Message = new ChatMessage(ChatRole.User, "hello \"ü\"\n") },
                new() { Id = "r1.1", Origin = MessageOrigin.Context, Message = new ChatMessage(ChatRole.System, "known"), Source = "memory" },
                new() { Id = "r1.2", Origin = MessageOrigin.Output, Message = FullRun.Output[0] },
                new() { Id = "r1.3", Origin = MessageOrigin.Output, Message = FullRun.Output[1] },
            ],
            RunId = "r1", Attempt = 3, Agent = "writer", Outcome = RunOutcome.Failed, ErrorType = "model_error", CreatedAt = Start.AddTicks(5),
        },
        new()
        {
            Session = Full,
            Messages =
            [
                new()
                {
                    Id = "r2.0",
                    Origin = MessageOrigin.Input,
                    Message = new ChatMessage(ChatRole.User, [new DataContent("data:image/png;base64,AAAA", "image/png")]),
                },
                new() { Id = "r2.1", Origin = MessageOrigin.Output, Message = new ChatMessage(ChatRole.Assistant, "removed") },
                new() { Id = "r2.2", Origin = MessageOrigin.Output, Message = new ChatMessage(ChatRole.Assistant, "second") },
            ],
            RunId = "r2", Agent = "assistant", CreatedAt = Start.AddMinutes(2),
        },
    ];

    /// <summary>The message that was deleted.</summary>
    private const string Removed = "r2.1";

    /// <summary>Checks that the stores return everything, at the versions that the files were left with.</summary>
    public static async Task CheckAsync(ISessionStore store, IHistoryProvider history)
    {
        var sessions = await store.FindSessionsAsync(new SessionQuery { Tenant = "", AllTenants = true }, CancellationToken.None);
        JsonAssert.Equivalent<object>(new[] { FullRecord with { Version = 2, LastRunId = "r2" }, PlainRecord }, sessions.Items);
        var runs = await store.FindRunsAsync(new RunQuery { Tenant = Full.Tenant, SessionId = Full.Id }, CancellationToken.None);
        JsonAssert.Equivalent<object>(new[] { FullRun, SecondRun }, runs.Items);
        var byKey = await store.FindRunsAsync(new RunQuery { Tenant = Full.Tenant, IdempotencyKey = FullRun.IdempotencyKey }, CancellationToken.None);
        Expect.Equal(FullRun.Id, Expect.Single(byKey.Items).Id);
        await CheckMessagesAsync(history);
    }

    /// <summary>Saves a session that an earlier build stored, and checks that it returns unchanged but for the version.</summary>
    public static async Task SaveAsync(ISessionStore store)
    {
        var query = new SessionQuery { Tenant = Full.Tenant, Id = Full.Id };
        var found = (await store.FindSessionsAsync(query, CancellationToken.None)).Items[0];
        var next = found with { Version = found.Version + 1 };
        await store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = found.Version, Previous = found, Run = FullRun with { Attempt = 4 } }, CancellationToken.None);

        JsonAssert.Equivalent(next, (await store.FindSessionsAsync(query, CancellationToken.None)).Items[0]);
        var run = await store.FindRunsAsync(new RunQuery { Tenant = Full.Tenant, RunId = FullRun.Id }, CancellationToken.None);
        JsonAssert.Equivalent(FullRun with { Attempt = 4 }, run.Items[0]);
    }

    private static async Task CheckMessagesAsync(IHistoryProvider history)
    {
        var all = await history.LoadAsync(new HistoryQuery { Session = Full, Limit = 100, IncludeFailed = true }, CancellationToken.None);
        var expected = Appends.SelectMany(a => a.Messages.Select(m => m with
        {
            RunId = a.RunId,
            Agent = a.Agent,
            Outcome = a.Outcome,
            ErrorType = a.ErrorType,
            CreatedAt = a.CreatedAt,
        }));
        JsonAssert.Equivalent(expected.Where(m => m.Id != Removed), all.Items);
    }
}
