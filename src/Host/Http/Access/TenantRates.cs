using System.Threading.RateLimiting;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>Counts the requests of each tenant against its rate. Thread-safe.</summary>
internal sealed class TenantRates : IDisposable
{
    private readonly int _perSecond;
    private readonly PartitionedRateLimiter<string> _limiter;

    public TenantRates(ServerConfiguration server)
    {
        _perSecond = server.RequestsPerSecond;
        // One function for all requests: the limiter asks for it at each of them.
        Func<string, TokenBucketRateLimiterOptions> bucket = _ => Bucket(_perSecond);
        _limiter = PartitionedRateLimiter.Create<string, string>(tenant => RateLimitPartition.GetTokenBucketLimiter(tenant, bucket), StringComparer.Ordinal);
    }

    /// <exception cref="ProblemException">429: the tenant has sent too many.</exception>
    public void Count(string tenant)
    {
        using var lease = _limiter.AttemptAcquire(tenant);
        if (lease.IsAcquired) return;
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        throw new ProblemException(
            HttpProblemTypes.RateLimited, $"The tenant sends more than {_perSecond} requests per second, which is the limit (Server:RequestsPerSecond).")
        {
            RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)),
        };
    }

    public void Dispose() => _limiter.Dispose();

    // Refilled often, so that a tenant at its limit is served evenly and not in bursts; no more often than a token is due.
    private static TokenBucketRateLimiterOptions Bucket(int perSecond)
    {
        var tokens = Math.Max(1, perSecond / 10);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond * 2,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / perSecond),
            QueueLimit = 0,
        };
    }
}
