using PluginHost.Engine.Errors;

namespace PluginHost.Http.Access;

/// <summary>What one request takes of the host. Its end gives all of it back. Not thread-safe.</summary>
internal sealed class RequestSlot : IDisposable
{
    private readonly RequestShares _shares;
    private string? _tenant;
    private bool _isStream;
    private long _bodyBytes;
    private Task? _bodyUse;

    /// <exception cref="ProblemException">503: the host has as many requests as it may.</exception>
    public RequestSlot(RequestShares shares)
    {
        _shares = shares;
        shares.AddRequest();
    }

    /// <exception cref="ProblemException">429: the tenant has as many requests as it may.</exception>
    public void Enter(string tenant)
    {
        _shares.AddRequest(tenant);
        _tenant = tenant;
    }

    /// <summary>From now on the request waits for events, and counts as a stream instead of a request.</summary>
    /// <exception cref="ProblemException">429 or 503: there are as many streams as there may be.</exception>
    public void BecomeStream()
    {
        if (_isStream || _tenant is null) return;
        _shares.AddStream(_tenant);
        _isStream = true;
        _shares.RemoveRequest();
        _shares.RemoveRequest(_tenant);
    }

    /// <summary>Counts bytes of the body, before they are in memory.</summary>
    /// <exception cref="ProblemException">429 or 503: bodies take as much as they may.</exception>
    public void AddBody(long bytes)
    {
        if (_tenant is null || bytes == 0) return;
        _shares.AddBody(_tenant, bytes);
        _bodyBytes += bytes;
    }

    /// <summary>The body counts until this has ended, also when the request ends before: a run holds its input.</summary>
    public void HoldBody(Task use) => _bodyUse = use;

    public void Dispose()
    {
        if (_isStream)
        {
            _shares.RemoveStream(_tenant!);
        }
        else
        {
            _shares.RemoveRequest();
            if (_tenant is not null) _shares.RemoveRequest(_tenant);
        }

        if (_bodyBytes == 0) return;
        if (_bodyUse is { IsCompleted: false }) _bodyUse.ContinueWith(_ => ReleaseBody(), TaskScheduler.Default);
        else ReleaseBody();
    }

    private void ReleaseBody() => _shares.RemoveBody(_tenant!, _bodyBytes);
}
