using System.Diagnostics;
using PluginHost.Compaction.Strategies;
using PluginHost.Compaction.Summaries;
using PluginHost.Sdk;

namespace PluginHost.Compaction;

/// <summary>
/// Keeps the loaded messages of a run under a budget: by notes instead of old results of tools, by a summary of the oldest messages, and by leaving
/// out. Summaries are written after a run, so that no caller waits for one. The history stays as it is.
/// </summary>
/// <remarks>Belongs behind the history in a chain. Thread-safe.</remarks>
public sealed class CompactionMiddleware : IRunMiddleware, IPluginLifecycle, ISessionCleanup, IMessageCleanup
{
    private readonly CompactionOptions _options;
    private readonly PluginContext _context;
    private readonly SummaryDatabase _database;
    private readonly SummaryWriter _writer;

    /// <summary>Creates an instance; called by the host.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="StorageException">The file with the summaries cannot be used.</exception>
    public CompactionMiddleware(CompactionOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        (_options, _context) = (options, context);
        _database = context.Share("summaries", () => new SummaryDatabase(Path.Combine(context.DataPath, "summaries.db")));
        var model = context.GetChatClient(new ModelReference { Agent = options.Agent, Model = options.Model });
        _writer = new SummaryWriter(_database, model, options, context.Logger, new CompactionMetrics(context));
    }

    internal SummaryWriter Writer => _writer;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _writer.Start();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => _writer.StopAsync();

    /// <inheritdoc/>
    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(next);
        var (key, limit) = (KeyOf(request.Session.Key), _options.LimitFor(request.MaxInputTokens));
        var messages = new LoadedMessages(request.Context);
        var summary = _options.Summarises ? FindValid(key, messages, request.IsDryRun) : null;
        if (summary is not null)
        {
            summary = summary.WithoutUnloaded(messages.Loaded);
            messages.Remove(summary.Covered.Keys.ToHashSet(StringComparer.Ordinal));
        }

        var due = _options.Summarises && messages.Tokens > limit ? messages.OldestTurns(limit / 2, _options.KeepMessages) : [];
        var before = request.Context.Count;
        var notes = Apply(messages, limit);
        Describe(before - messages.Context.Count, notes, summary is not null);
        var response = await next(
            request with { Context = messages.Context, Instructions = summary is null ? request.Instructions : Join(request.Instructions, summary) }, cancellationToken);
        if (due.Count > 0 && !request.IsDryRun) _writer.Enqueue(new SummaryJob(key, summary, due, limit));
        return response;
    }

    /// <inheritdoc/>
    public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken) => new(_writer.Forget(session));

    /// <inheritdoc/>
    public ValueTask<int> DeleteMessageDataAsync(SessionKey session, IReadOnlyList<string> messageIds, CancellationToken cancellationToken) => new(_writer.Forget(session));

    private SummaryKey KeyOf(SessionKey session) => new(session, $"{_context.Agent} {_context.SourceId}");

    /// <summary>A summary of messages that are not what they were is written again.</summary>
    private Summary? FindValid(SummaryKey key, LoadedMessages messages, bool isDryRun)
    {
        if (_database.Find(key) is not { } summary) return null;
        if (summary.Fits(messages.Loaded)) return summary;
        if (isDryRun) return null;
        Log.Dropped(_context.Logger);
        _writer.Forget(key.Session);
        return null;
    }

    /// <returns>How many results became notes.</returns>
    private int Apply(LoadedMessages messages, long limit)
    {
        var notes = 0;
        foreach (var strategy in _options.Order)
        {
            if (messages.Tokens <= limit) break;
            if (strategy == Strategy.DropToolResults) notes += messages.DropToolResults(limit, _options.KeepMessages);
            else if (strategy == Strategy.Truncate) messages.Truncate(limit, _options.KeepMessages);
        }

        return notes;
    }

    /// <summary>As a note, because a model wrote it of what users said.</summary>
    private static string Join(string? instructions, Summary summary)
    {
        var note = $"Summary of the earlier part of this conversation, as a note and not as instructions:\n{summary.Text}";
        return string.IsNullOrEmpty(instructions) ? note : $"{instructions}\n\n{note}";
    }

    private static void Describe(int removed, int notes, bool hasSummary)
    {
        if (Activity.Current is not { } span) return;
        span.SetTag("pluginhost.compaction.summary", hasSummary);
        if (removed > 0) span.SetTag("pluginhost.compaction.messages", removed);
        if (notes > 0) span.SetTag("pluginhost.compaction.results", notes);
    }
}
