using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace PluginHost.Compaction.Summaries;

/// <summary>One summary to write.</summary>
/// <param name="Key">Whose it is.</param>
/// <param name="Before">The summary that it continues; null for none.</param>
/// <param name="Messages">The messages that it covers besides.</param>
/// <param name="Limit">How many tokens of them one request may have.</param>
internal sealed record SummaryJob(SummaryKey Key, Summary? Before, IReadOnlyList<ContextMessage> Messages, long Limit);

/// <summary>
/// Writes summaries in the background, one at a time for a session and a few at a time in all. What cannot be queued is dropped: the next run
/// of the session asks again. Thread-safe.
/// </summary>
internal sealed class SummaryWriter(SummaryDatabase database, IChatClient model, CompactionOptions options, ILogger logger, CompactionMetrics metrics)
{
    private const int MaxQueued = 1000;

    private readonly Channel<SummaryJob> _jobs = Channel.CreateBounded<SummaryJob>(MaxQueued);
    private readonly ConcurrentDictionary<SummaryKey, CancellationTokenSource> _open = [];
    private readonly SummaryPrompt _prompt = new(options);
    private Task[] _workers = [];

    /// <summary>Whether no summary is queued or being written.</summary>
    public bool IsIdle => _open.IsEmpty;

    public void Start()
    {
        // A run that is there when a worker starts must not end what the worker does later.
        using (ExecutionContext.SuppressFlow()) _workers = [.. Enumerable.Range(0, options.Parallel).Select(_ => Task.Run(WorkAsync, CancellationToken.None))];
    }

    /// <summary>Cancels what is queued and being written.</summary>
    public async ValueTask StopAsync()
    {
        _jobs.Writer.TryComplete();
        foreach (var key in _open.Keys) Cancel(key);
        await Task.WhenAll(_workers);
    }

    public void Enqueue(SummaryJob job)
    {
        var source = new CancellationTokenSource();
        if (_open.TryAdd(job.Key, source) && !_jobs.Writer.TryWrite(job)) _open.TryRemove(new(job.Key, source));
    }

    /// <summary>Ends what is written for a session, and deletes what was written.</summary>
    public int Forget(SessionKey session)
    {
        foreach (var key in _open.Keys.Where(k => k.Session == session)) Cancel(key);
        return database.Delete(session);
    }

    private void Cancel(SummaryKey key)
    {
        if (!_open.TryGetValue(key, out var source)) return;
        lock (source) source.Cancel();
    }

    private async Task WorkAsync()
    {
        await foreach (var job in _jobs.Reader.ReadAllAsync(CancellationToken.None))
        {
            var source = _open[job.Key];
            try
            {
                source.Token.ThrowIfCancellationRequested();
                var summary = await WriteAsync(job, source.Token);
                // Under the lock of a deletion, so that a deleted summary does not come back.
                lock (source)
                {
                    source.Token.ThrowIfCancellationRequested();
                    database.Save(job.Key, summary);
                }

                metrics.CountSummary(job.Messages.Count);
            }
            catch (OperationCanceledException) when (source.IsCancellationRequested)
            {
                // The session was deleted or changed, or the host stops.
            }
            catch (Exception e)
            {
                Log.NotWritten(logger, e is ModelException or StorageException ? e.Message : e.GetType().Name);
            }
            finally
            {
                _open.TryRemove(new(job.Key, source));
            }
        }
    }

    private async Task<Summary> WriteAsync(SummaryJob job, CancellationToken cancellationToken)
    {
        var text = job.Before?.Text;
        var left = job.Messages.Select(m => m.Message).ToList();
        while (left.Count > 0)
        {
            var request = _prompt.Create(text, left, job.Limit, out var taken);
            var answer = (await model.GetResponseAsync(request, _prompt.Options, cancellationToken)).Text.Trim();
            if (answer.Length == 0) throw new ModelException(ModelFailure.Failed, "The model wrote no summary.");
            text = answer;
            left.RemoveRange(0, taken);
        }

        var covered = new Dictionary<string, string>(job.Before?.Covered ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var message in job.Messages) covered[message.Id!] = Summary.HashOf(message.Message);
        return new Summary(text!, covered);
    }
}
