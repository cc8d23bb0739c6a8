using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Retention;

/// <summary>What became of the sessions of one batch.</summary>
internal sealed class RetentionBatch(DateTimeOffset since)
{
    private int _inUse;
    private int _failed;
    private Exception? _firstError;

    /// <summary>Sessions saved since then stay.</summary>
    public DateTimeOffset Since { get; } = since;

    public bool HasMore { get; init; }

    public int Deleted { get; set; }

    /// <summary>The last session that stayed; null when none did.</summary>
    public SessionKey? LastKept { get; private set; }

    public void InUse(SessionKey session)
    {
        _inUse++;
        LastKept = session;
    }

    public void Fail(SessionKey session, Exception error)
    {
        _failed++;
        _firstError ??= error;
        LastKept = session;
    }

    public void Report(ILogger logger)
    {
        if (_failed > 0) Log.RetentionFailed(logger, Deleted, Since, _inUse, _failed, LoggableError.From(_firstError!));
        else if (Deleted + _inUse > 0) Log.Retention(logger, Deleted, Since, _inUse);
    }
}
