using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Finds the runs that earlier processes parked, and refuses the calls that are not decided in time. Thread-safe.</summary>
internal sealed class ApprovalExpiry
{
    /// <summary>How many runs are read at once. They are small, and there may be many.</summary>
    private const int PageSize = 1000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>A run that cannot be read is tried again less and less often, up to this.</summary>
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(10);

    /// <summary>The greatest time that a timer takes.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    private readonly ChainHolder _chains;
    private readonly LiveRuns _live;
    private readonly ParkedRuns _parked;
    private readonly ApprovalDecisions _decisions;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<LateRun, DateTimeOffset> _waiting = new();
    private readonly HashSet<(SessionKey Session, string RunId, DateTimeOffset At)> _known = [];
    private readonly ITimer _timer;
    private bool _isRefusing;

    public ApprovalExpiry(ChainHolder chains, LiveRuns live, ParkedRuns parked, ApprovalDecisions decisions, TimeProvider time, ILogger logger)
    {
        (_chains, _live, _parked, _decisions, _time, _logger) = (chains, live, parked, decisions, time, logger);
        _timer = time.CreateTimer(static state => _ = ((ApprovalExpiry)state!).RefuseAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        parked.Expires = (session, run) => Add(session, run.RunId, run.ExpiresAt!.Value);
    }

    /// <summary>Looks for the runs of earlier processes, beside everything else: until it has them all, the store is asked.</summary>
    public void Start()
    {
        _parked.IsComplete = false;
        _ = LoadAsync();
    }

    private async Task LoadAsync()
    {
        while (!_live.IsStopping)
        {
            var set = _chains.Lease();
            try
            {
                if (set.Store.HasJournal) await LoadAsync(set.Store);
                _parked.IsComplete = true;
                return;
            }
            catch (SessionStoreException e)
            {
                Journal.Log.OpenRunsNotFound(_logger, RetryAfter, LoggableError.From(e));
            }
            finally
            {
                set.Release();
            }

            await Task.Delay(RetryAfter, _time);
        }
    }

    private async Task LoadAsync(SessionStoreClient store)
    {
        var query = new OpenRunQuery { Status = RunStatus.RequiresAction, Limit = PageSize };
        while (!_live.IsStopping)
        {
            var page = await store.FindOpenRunsAsync(query, CancellationToken.None);
            foreach (var run in page.Items) _parked.Add(run.Session, new ParkedRun(run.Id, RunParking.ExpiryOf(run)));
            if (!page.HasMore || page.Items.Count == 0) return;
            query = query with { After = RunPlace.From(page.Items[^1]) };
        }
    }

    private void Add(SessionKey session, string runId, DateTimeOffset at)
    {
        lock (_lock)
        {
            // Each claim of its session finds the run again.
            if (!_known.Add((session, runId, at))) return;
            _waiting.Enqueue(new LateRun(session, runId, Failures: 0), at);
            if (!_isRefusing) SetTimer();
        }
    }

    private void SetTimer()
    {
        if (!_waiting.TryPeek(out _, out var first)) return;
        var wait = first - _time.GetUtcNow();
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < MaxWait ? wait : MaxWait, Timeout.InfiniteTimeSpan);
    }

    private async Task RefuseAsync()
    {
        lock (_lock)
        {
            if (_isRefusing) return;
            _isRefusing = true;
        }

        var (failed, running) = (new List<LateRun>(), new List<Task>());
        while (!_live.IsStopping && TakeLate() is { } run)
        {
            if (!await TryRefuseAsync(run, running)) failed.Add(run with { Failures = run.Failures + 1 });
            running.RemoveAll(static r => r.IsCompleted);
            if (running.Count >= RunContinuation.MaxAtOnce) await Task.WhenAny(running);
        }

        lock (_lock)
        {
            _isRefusing = false;
            foreach (var run in failed) _waiting.Enqueue(run, _time.GetUtcNow() + run.Wait);
            if (!_live.IsStopping) SetTimer();
        }
    }

    private LateRun? TakeLate()
    {
        lock (_lock)
        {
            if (!_waiting.TryPeek(out var run, out var at) || at > _time.GetUtcNow()) return null;
            _waiting.Dequeue();
            _known.Remove((run.Session, run.RunId, at));
            return run;
        }
    }

    private async Task<bool> TryRefuseAsync(LateRun run, List<Task> running)
    {
        var set = _chains.Lease();
        try
        {
            if (await _decisions.ExpireAsync(set, run.Session, run.RunId) is { } continued) running.Add(continued.Completion);
            return true;
        }
        catch (SessionElsewhereException)
        {
            // That host refuses them, or is lost before.
            return false;
        }
        catch (Exception e)
        {
            // Once: the next ones say the same.
            if (run.Failures == 0) Log.ExpiryFailed(_logger, run.RunId, MaxRetryAfter, LoggableError.From(e));
            return false;
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>A run whose calls are refused when their time is over.</summary>
    /// <param name="Session">Its session.</param>
    /// <param name="RunId">The run.</param>
    /// <param name="Failures">How often they could not be refused.</param>
    private readonly record struct LateRun(SessionKey Session, string RunId, int Failures)
    {
        /// <summary>How long to wait after the last failure.</summary>
        public TimeSpan Wait => Failures > 7 ? MaxRetryAfter : RetryAfter * Math.Pow(2, Failures - 1);
    }
}
