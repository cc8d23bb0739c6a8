namespace PluginHost.Conformance;

/// <summary>
/// Checks the rules of <see cref="IHistoryProvider"/>. Derive the tests of a history plugin from this class. Every test uses a new
/// folder.
/// </summary>
public abstract partial class HistoryProviderConformance : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private TestPluginContext? _context;
    private IHistoryProvider? _provider;

    protected static CancellationToken None => CancellationToken.None;

    protected static SessionKey Session { get; } = new("default", "s1");

    /// <summary>The folder of the test.</summary>
    protected TestFolder Folder => _folder;

    /// <summary>The provider under test.</summary>
    protected IHistoryProvider Provider => _provider!;

    /// <summary>The context of <see cref="Provider"/>.</summary>
    protected TestPluginContext Context => _context!;

    /// <summary>Creates the provider, always with the same files below the context's folder.</summary>
    protected abstract IHistoryProvider Create(PluginContext context);

    public Task InitializeAsync() => OpenAsync();

    public async Task DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    /// <summary>Closes the provider and opens a new one on the same folder, like a restart of the host.</summary>
    protected async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    /// <summary>Loads the whole history, by default with failed runs.</summary>
    protected async Task<IReadOnlyList<HistoryMessage>> ListAsync(SessionKey session, bool includeFailed = true)
    {
        var page = await Provider.LoadAsync(new HistoryQuery { Session = session, Limit = 10_000, IncludeFailed = includeFailed }, None);
        Assert.False(page.HasMore);
        return page.Items;
    }

    protected async Task<string> IdsAsync(SessionKey session, bool includeFailed = true) => Ids(await ListAsync(session, includeFailed));

    protected async Task<string> IdsAsync(HistoryQuery query) => Ids((await Provider.LoadAsync(query, None)).Items);

    /// <summary>The query by which the host loads a history for a run.</summary>
    protected static HistoryQuery QueryNewest(SessionKey session, int limit) => new() { Session = session, Limit = limit, Order = ListOrder.Descending };

    /// <summary>The newest messages, oldest first, without failed runs.</summary>
    protected async Task<string> WindowAsync(SessionKey session, int limit = 50) =>
        Ids((await Provider.LoadAsync(QueryNewest(session, limit), None)).Items.Reverse());

    protected static string Ids(IEnumerable<HistoryMessage> messages) => string.Join(' ', messages.Select(m => m.Id));

    /// <summary>Creates an append with an input and an output, whose ids are <c>{run}.in</c> and <c>{run}.out</c>.</summary>
    protected static HistoryAppend Run(string run, SessionKey? session = null, int attempt = 1, RunOutcome outcome = RunOutcome.Completed) =>
        Append(session ?? Session, run, attempt, outcome, Text($"{run}.in", ChatRole.User), Text($"{run}.out", ChatRole.Assistant));

    protected static HistoryAppend Append(
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
    protected static HistoryAppend Stamp(HistoryAppend append) => append with
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

    protected static HistoryMessage Text(string id, ChatRole role, string? text = null) =>
        new()
        {
            Id = id,
            Origin = role == ChatRole.User ? MessageOrigin.Input : MessageOrigin.Output,
            Message = new ChatMessage(role, text ?? $"text of {id}"),
        };

    protected ValueTask AppendAsync(HistoryAppend append) => Provider.AppendAsync(append, None);

    private async Task OpenAsync()
    {
        _context = new TestPluginContext(_folder.Store);
        _provider = Create(_context);
        if (_provider is IPluginLifecycle lifecycle) await lifecycle.StartAsync(None);
    }

    private async Task CloseAsync()
    {
        if (_provider is IPluginLifecycle lifecycle) await lifecycle.StopAsync(None);
        if (_provider is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else if (_provider is IDisposable disposable) disposable.Dispose();
        if (_context is not null) await _context.DisposeAsync();
        (_provider, _context) = (null, null);
    }
}
