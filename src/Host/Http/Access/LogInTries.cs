using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace PluginHost.Http.Access;

/// <summary>
/// Limits how often a client tries to log in by a key, right or wrong, so that guessing is slow. A client is an address, of IPv6 a network.
/// Thread-safe.
/// </summary>
internal sealed class LogInTries : IDisposable
{
    /// <summary>How many tries a client has at once; another one is added after each <see cref="Period"/>.</summary>
    public const int Burst = 20;

    private const int NetworkBytes = 8;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(
        client => RateLimitPartition.GetTokenBucketLimiter(client, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = Period,
            QueueLimit = 0,
        }), StringComparer.Ordinal);

    /// <summary>Counts a try.</summary>
    /// <returns>After how many seconds the client may try again; null when it may now.</returns>
    public int? Count(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(ClientOf(context.Connection.RemoteIpAddress));
        return lease.IsAcquired ? null : (int)Period.TotalSeconds;
    }

    public void Dispose() => _limiter.Dispose();

    /// <summary>The client of an address. All clients of a Unix socket are one.</summary>
    public static string ClientOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes()[..NetworkBytes]) : address.ToString();
    }
}
