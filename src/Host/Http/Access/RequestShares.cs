using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>
/// What requests in progress take of the host, in all and for each tenant: requests that are being worked on, streams that wait for
/// events, and bytes of bodies. Thread-safe.
/// </summary>
internal sealed class RequestShares(ServerConfiguration server)
{
    private readonly KeyedCounter<string> _requests = new();
    private readonly KeyedCounter<string> _streams = new();
    private readonly KeyedCounter<string> _bodies = new();
    private int _allRequests;
    private int _allStreams;
    private long _allBodies;

    /// <exception cref="ProblemException">503.</exception>
    public void AddRequest()
    {
        if (Interlocked.Increment(ref _allRequests) <= server.MaxConcurrentRequests) return;
        Interlocked.Decrement(ref _allRequests);
        throw Overloaded($"The host has {server.MaxConcurrentRequests} requests in progress, which is its limit (Server:MaxConcurrentRequests).");
    }

    public void RemoveRequest() => Interlocked.Decrement(ref _allRequests);

    /// <exception cref="ProblemException">429.</exception>
    public void AddRequest(string tenant)
    {
        if (_requests.TryAdd(tenant, server.MaxRequestsPerTenant)) return;
        throw Refused(HttpProblemTypes.TooManyRequests, $"The tenant has {server.MaxRequestsPerTenant} requests in progress, which is its share (Server:MaxRequestsPerTenant).");
    }

    public void RemoveRequest(string tenant) => _requests.Remove(tenant);

    /// <exception cref="ProblemException">429 or 503.</exception>
    public void AddStream(string tenant)
    {
        if (!_streams.TryAdd(tenant, server.MaxStreamsPerTenant))
            throw Refused(HttpProblemTypes.TooManyStreams, $"The tenant has {server.MaxStreamsPerTenant} streams open, which is its share (Server:MaxStreamsPerTenant).");
        if (Interlocked.Increment(ref _allStreams) <= server.MaxStreams) return;
        RemoveStream(tenant);
        throw Overloaded($"The host has {server.MaxStreams} streams open, which is its limit (Server:MaxStreams).");
    }

    public void RemoveStream(string tenant)
    {
        Interlocked.Decrement(ref _allStreams);
        _streams.Remove(tenant);
    }

    /// <exception cref="ProblemException">429 or 503.</exception>
    public void AddBody(string tenant, long bytes)
    {
        if (!_bodies.TryAdd(tenant, server.MaxBodyBytesPerTenant, bytes))
            throw Refused(HttpProblemTypes.TooManyBytes, $"The bodies of the tenant's requests and runs in progress take its share of {server.MaxBodyBytesPerTenant} bytes (Server:MaxBodyBytesPerTenant).");
        var all = Interlocked.Add(ref _allBodies, bytes);
        if (all <= server.MaxBodyBytesInProgress || all == bytes) return;
        RemoveBody(tenant, bytes);
        throw Overloaded($"The bodies of all requests and runs in progress take {server.MaxBodyBytesInProgress} bytes, which is the limit (Server:MaxBodyBytesInProgress).");
    }

    public void RemoveBody(string tenant, long bytes)
    {
        Interlocked.Add(ref _allBodies, -bytes);
        _bodies.Remove(tenant, bytes);
    }

    public static ProblemException Overloaded(string detail) => Refused(HttpProblemTypes.Overloaded, detail);

    private static ProblemException Refused(ProblemType type, string detail) => new(type, $"{detail} Try again later.") { RetryAfterSeconds = 1 };
}
