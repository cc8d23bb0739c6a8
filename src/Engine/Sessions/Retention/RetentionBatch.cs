using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Retention;

/// <summary>What became of the sessions of one batch. Thread-safe.</summary>
/// <param name="since">Sessions saved since then stay.</param>
/// <param name="sessions">The sessions of the batch, in order.</param>
internal sealed class RetentionBatch(DateTimeOffset since, IReadOnlyList<SessionRecord> sessions)
{
    private readonly Lock _lock = new();
    private readonly HashSet<SessionKey> _kept = [];
    private int _deleted;
    private int _inUse;
    private int _failed;
    private Exception? _firstError;

    /// <summary>Sessions saved since then stay.</summary>
    public DateTimeOffset Since { get; } = since;

    public bool HasMore { get; init; }

    /// <summary>The last session that stayed; null when none did.</summary>
    public SessionKey? LastKept => sessions.LastOrDefault(s => _kept.Contains(s.Key))?.Key;

    public void Delete() => Interlocked.Increment(ref _deleted);

    public void InUse(SessionKey session)
    {
        lock (_lock)
        {
            _inUse++;
            _kept.Add(session);
        }
    }

    public void Fail(SessionKey session, Exception error)
    {
        lock (_lock)
        {
            _failed++;
            _firstError ??= error;
            _kept.Add(session);
        }
    }

    public void Report(ILogger logger)
    {
        if (_failed > 0) Log.RetentionFailed(logger, _deleted, Since, _inUse, _failed, LoggableError.From(_firstError!));
        else if (_deleted + _inUse > 0) Log.Retention(logger, _deleted, Since, _inUse);
    }
}
