namespace PluginHost.Http.Access;

/// <summary>What one body takes of its tenant's share of bytes. Not thread-safe.</summary>
internal sealed class BodyShare(RequestShares shares, string tenant) : IDisposable
{
    private long _bytes;
    private Task? _use;

    /// <summary>Counts bytes, before they are in memory.</summary>
    /// <exception cref="Engine.Errors.ProblemException">429 or 503: bodies take as much as they may.</exception>
    public void Add(long bytes)
    {
        if (bytes == 0) return;
        shares.AddBody(tenant, bytes);
        _bytes += bytes;
    }

    /// <summary>The bytes count until this has ended, also when the request ends before: a run holds its input.</summary>
    public void HoldUntil(Task use) => _use = use;

    public void Dispose()
    {
        if (_bytes == 0) return;
        if (_use is { IsCompleted: false }) _use.ContinueWith(_ => Release(), TaskScheduler.Default);
        else Release();
    }

    private void Release() => shares.RemoveBody(tenant, _bytes);
}
