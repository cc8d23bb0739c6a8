using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>What a migration has done. Thread-safe.</summary>
/// <param name="failed">Takes each error as a line of text.</param>
internal sealed class MigrationProgress(Action<string> failed)
{
    private long _copied, _present, _failed, _messages, _runs;

    /// <summary>How many sessions the source has; null until they are counted.</summary>
    public long? Total { get; set; }

    /// <summary>Sessions that were copied and checked.</summary>
    public long Copied => Interlocked.Read(ref _copied);

    /// <summary>Sessions that the target had already, with the same content.</summary>
    public long Present => Interlocked.Read(ref _present);

    /// <summary>Sessions that were not copied, and tenants with sessions that cannot be read.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Messages of the sessions that were copied.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    /// <summary>Runs of the sessions that were copied, with the open ones.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    public long Done => Copied + Present + Failed;

    public void Add(SessionDigest digest, bool isCopied)
    {
        if (!isCopied)
        {
            Interlocked.Increment(ref _present);
            return;
        }

        Interlocked.Add(ref _messages, digest.Messages);
        Interlocked.Add(ref _runs, digest.Runs + digest.OpenRuns);
        Interlocked.Increment(ref _copied);
    }

    public void Fail(SessionKey session, string why) => Fail($"Session '{session.Id}' of tenant '{session.Tenant}': {why}");

    public void Fail(string error)
    {
        Interlocked.Increment(ref _failed);
        failed(error);
    }
}
