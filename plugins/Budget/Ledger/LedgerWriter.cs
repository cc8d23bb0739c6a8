using System.Threading.Channels;
using PluginHost.Sdk;

namespace PluginHost.Budget.Ledger;

/// <summary>Saves charges in the background, all that wait in one transaction. What cannot be saved is tried again. Thread-safe.</summary>
internal sealed class LedgerWriter : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);

    private readonly Channel<(IReadOnlyList<Charge> Charges, TaskCompletionSource Done)> _queue =
        Channel.CreateUnbounded<(IReadOnlyList<Charge>, TaskCompletionSource)>();

    private readonly LedgerDatabase _database;
    private readonly PluginContext _context;
    private readonly Action<Charge, long> _saved;
    private readonly List<Charge> _unsaved = [];
    private readonly Task _loop;
    private Task<bool>? _more;
    private DateTimeOffset _nextSweep = DateTimeOffset.MinValue;
    private volatile string? _trouble;

    /// <param name="database">The database.</param>
    /// <param name="context">For clock and log.</param>
    /// <param name="saved">Called with each saved charge and the new total.</param>
    public LedgerWriter(LedgerDatabase database, PluginContext context, Action<Charge, long> saved)
    {
        (_database, _context, _saved) = (database, context, saved);
        _loop = Task.Run(RunAsync);
    }

    public string? Trouble => _trouble;

    /// <returns>Completes after the first try, also when it failed: the call was made, and its run must not fail for it.</returns>
    public Task WriteAsync(IReadOnlyList<Charge> charges)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.Writer.TryWrite((charges, done)) ? done.Task : Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        if (_unsaved.Count > 0) Log.Lost(_context.Logger, _unsaved.Count);
    }

    private async Task RunAsync()
    {
        var waiting = new List<TaskCompletionSource>();
        while (await HasWorkAsync())
        {
            while (_queue.Reader.TryRead(out var next))
            {
                _unsaved.AddRange(next.Charges);
                waiting.Add(next.Done);
            }

            Save();
            foreach (var done in waiting) done.SetResult();
            waiting.Clear();
        }

        if (_unsaved.Count > 0) Save();
    }

    /// <summary>Waits for charges; with unsaved ones at most for the delay between two tries.</summary>
    private async ValueTask<bool> HasWorkAsync()
    {
        var more = _more ??= _queue.Reader.WaitToReadAsync().AsTask();
        if (_unsaved.Count > 0) await Task.WhenAny(more, Task.Delay(RetryDelay, _context.TimeProvider));
        if (_unsaved.Count > 0 && !more.IsCompleted) return true;
        _more = null;
        return await more;
    }

    private void Save()
    {
        try
        {
            var now = _context.TimeProvider.GetUtcNow();
            var totals = _database.Add(_unsaved, now >= _nextSweep ? now : null);
            if (now >= _nextSweep) _nextSweep = now + SweepInterval;
            for (var i = 0; i < totals.Count; i++) _saved(_unsaved[i], totals[i]);
            _unsaved.Clear();
            _trouble = null;
        }
        catch (Exception e)
        {
            // Callers wait for this loop, so it must not end.
            if (_trouble is null) Log.NotSaved(_context.Logger, e.Message);
            _trouble = $"Charges cannot be saved: {e.Message} They count until the host stops. Free space on the disk, or check the rights of the plugin's data folder.";
        }
    }
}
