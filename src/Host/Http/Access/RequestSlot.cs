using PluginHost.Engine.Errors;

namespace PluginHost.Http.Access;

/// <summary>What one request takes of the host. Its end gives all of it back. Not thread-safe.</summary>
internal sealed class RequestSlot : IDisposable
{
    private readonly RequestShares _shares;
    private string? _tenant;
    private bool _isStream;
    private BodyShare? _body;

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
        _body = new BodyShare(_shares, tenant);
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

    /// <inheritdoc cref="BodyShare.Add"/>
    public void AddBody(long bytes) => _body?.Add(bytes);

    /// <inheritdoc cref="BodyShare.HoldUntil"/>
    public void HoldBody(Task use) => _body?.HoldUntil(use);

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

        _body?.Dispose();
    }
}
