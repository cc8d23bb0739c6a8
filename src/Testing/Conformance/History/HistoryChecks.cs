using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

/// <summary>Checks the rules of <see cref="IHistoryProvider"/>.</summary>
/// <param name="create">Creates the provider, always with the same files below the context's folder.</param>
internal sealed partial class HistoryChecks(Func<PluginContext, IHistoryProvider> create) : ConformanceChecks<IHistoryProvider>(create)
{
    private static SessionKey Session { get; } = new("default", "s1");

    /// <summary>The names of the cases.</summary>
    public static IReadOnlyList<string> Cases { get; } = ConformanceCases.FindNames(typeof(HistoryChecks));

    /// <summary>Whether the history must return older pinned messages, which it may otherwise leave out.</summary>
    public bool MustReturnPinned { get; init; }

    private IHistoryProvider Provider => Plugin;

    /// <summary>Loads the whole history, by default with failed runs.</summary>
    private async Task<IReadOnlyList<HistoryMessage>> ListAsync(SessionKey session, bool includeFailed = true)
    {
        var page = await Provider.LoadAsync(new HistoryQuery { Session = session, Limit = 10_000, IncludeFailed = includeFailed }, None);
        Expect.False(page.HasMore);
        return page.Items;
    }

    private async Task<string> IdsAsync(SessionKey session, bool includeFailed = true) => Ids(await ListAsync(session, includeFailed));

    private async Task<string> IdsAsync(HistoryQuery query) => Ids((await Provider.LoadAsync(query, None)).Items);

    /// <summary>The query by which the host loads a history for a run.</summary>
    private static HistoryQuery QueryNewest(SessionKey session, int limit) => new() { Session = session, Limit = limit, Order = ListOrder.Descending };

    /// <summary>The newest messages, oldest first, without failed runs.</summary>
    private async Task<string> WindowAsync(SessionKey session, int limit = 50) =>
        Ids((await Provider.LoadAsync(QueryNewest(session, limit), None)).Items.Reverse());

    private static string Ids(IEnumerable<HistoryMessage> messages) => string.Join(' ', messages.Select(m => m.Id));

    /// <summary>Creates an append with an input and an output, whose ids are <c>{run}.in</c> and <c>{run}.out</c>.</summary>
    private static HistoryAppend Run(string run, SessionKey? session = null, int attempt = 1, RunOutcome outcome = RunOutcome.Completed) =>
        Append(session ?? Session, run, attempt, outcome, Text($"{run}.in", ChatRole.User), Text($"{run}.out", ChatRole.Assistant));

    private static HistoryAppend Append(
        SessionKey session, string? run, int attempt, RunOutcome outcome, params IReadOnlyList<HistoryMessage> messages) =>
        Stamp(new HistoryAppend
        {
            Session = session,
            Messages = messages,
            RunId = run,
            Attempt = attempt,
            Agent = run is null ? null : "assistant",
            Outcome = outcome,
            ErrorType = outcome == RunOutcome.Failed ? "model_error" : null,
            CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567),
        });

    /// <summary>Gives the messages the values of their append, as the host does.</summary>
    private static HistoryAppend Stamp(HistoryAppend append) => append with
    {
        Messages =
        [
            .. append.Messages.Select(m => m with
            {
                RunId = append.RunId,
                Agent = append.Agent,
                Outcome = append.Outcome,
                ErrorType = append.ErrorType,
                CreatedAt = append.CreatedAt,
            }),
        ],
    };

    private static HistoryMessage Text(string id, ChatRole role, string? text = null) =>
        new()
        {
            Id = id,
            Origin = role == ChatRole.User ? MessageOrigin.Input : MessageOrigin.Output,
            Message = new ChatMessage(role, text ?? $"text of {id}"),
        };

    private static HistoryMessage Pinned(string id)
    {
        var text = Text(id, ChatRole.User);
        text.Message.AdditionalProperties = new() { ["pinned"] = true };
        return text;
    }

    private ValueTask AppendAsync(HistoryAppend append) => Provider.AppendAsync(append, None);
}
