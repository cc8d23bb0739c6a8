using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Access;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Cluster;

/// <summary>
/// With the key that all hosts share, a host proves to another one that it passes a request on, and for whom; and the other one that it is a host too.
/// Without a key, hosts take each other's requests like those of any caller. Thread-safe.
/// </summary>
internal sealed class ClusterKey(ClusterConfiguration settings, TimeProvider time)
{
    /// <summary>Marks a request that another host passes on, by that host's id. It is not passed on again.</summary>
    public const string ForwardedHeader = "PluginHost-Forwarded-By";

    /// <summary>Marks an answer to such a request by the id of the host that gives it: it does not have the session, or stops. Another one may take it.</summary>
    public const string MovedHeader = "PluginHost-Moved";

    /// <summary>Marks an answer as one of a host with the same key.</summary>
    public const string ProofHeader = "PluginHost-Proof";

    private const string TicketHeader = "PluginHost-Ticket";

    /// <summary>How old a ticket may be, and how much clocks may differ.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The pause between two cleanings, and how much longer a nonce is kept than its ticket is valid.</summary>
    private static readonly TimeSpan CleaningPause = TimeSpan.FromSeconds(30);

    private readonly byte[]? _key = settings.Key is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal())) : null;
    private readonly bool _needsCertificate = settings.Tls is not null;
    private readonly ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);
    private long _cleanedAt;

    public static bool IsForwarded(HttpRequest request) => request.Headers.ContainsKey(ForwardedHeader);

    /// <summary>Adds a ticket to a request that is passed on.</summary>
    /// <returns>The nonce, for <see cref="IsProven"/>; null without a key.</returns>
    public string? Sign(HttpContext context, HttpRequestMessage sent)
    {
        if (_key is null) return null;
        var (caller, nonce) = (context.Features.Get<Caller>()!, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
        var ticket = new ClusterTicket(
            time.GetUtcNow().ToUnixTimeMilliseconds(), nonce, ClusterTicket.RequestOf(sent), caller.Tenant, caller.IsAdmin, caller.Name, caller.ValidUntil);
        var text = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(ticket, ClusterJson.Default.ClusterTicket));
        // The ticket replaces them. What answers may be no host, and must not learn the caller's key.
        foreach (var name in (string[])["Authorization", "X-Api-Key", "Cookie", TicketHeader]) sent.Headers.Remove(name);
        sent.Headers.Add(TicketHeader, $"{text}.{Mac(_key, $"ticket {text}")}");
        return nonce;
    }

    /// <summary>Whether an answer is from a host with the same key.</summary>
    public bool IsProven(HttpResponseMessage answer, string? nonce) =>
        _key is null || (answer.Headers.TryGetValues(ProofHeader, out var proofs) && IsSame(proofs.First(), Mac(_key, $"proof {nonce}")));

    /// <summary>The caller for whom another host passes the request on; null for a request of a caller.</summary>
    /// <exception cref="ProblemException">The ticket is not one of a host with the same key.</exception>
    public Caller? Accept(HttpContext context)
    {
        if (_key is null || !IsForwarded(context.Request)) return null;
        if (_needsCertificate && context.Connection.ClientCertificate is null)
            throw Refused("It came without a certificate, which Cluster:Tls requires here. Give all hosts Cluster:Tls, and a Cluster:Address that leads to its Listen.");
        if (Read(context.Request.Headers[TicketHeader].ToString()) is not { } ticket || ticket.Request != ClusterTicket.RequestOf(context.Request))
            throw Refused("It bears no ticket by this host's key. Give all hosts the same Cluster:Key.");
        var now = time.GetUtcNow();
        var sentAt = DateTimeOffset.FromUnixTimeMilliseconds(ticket.SentAt);
        if ((now - sentAt).Duration() > Tolerance) throw Refused($"It was sent at {sentAt:u}, and here it is {now:u}. Correct the clocks of the hosts.");
        Clean(now);
        if (!_used.TryAdd(ticket.Nonce, ticket.SentAt)) throw Refused("Its ticket was used before.");
        context.Response.Headers[ProofHeader] = Mac(_key, $"proof {ticket.Nonce}");
        return ticket.Caller;
    }

    private ClusterTicket? Read(string header)
    {
        if (header.Split('.') is not [var text, var mac] || !IsSame(mac, Mac(_key!, $"ticket {text}"))) return null;
        return JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), ClusterJson.Default.ClusterTicket);
    }

    /// <summary>A ticket that is too old is refused without its nonce.</summary>
    private void Clean(DateTimeOffset now)
    {
        var (cleanedAt, at) = (Volatile.Read(ref _cleanedAt), now.ToUnixTimeMilliseconds());
        if (at - cleanedAt < CleaningPause.TotalMilliseconds || Interlocked.CompareExchange(ref _cleanedAt, at, cleanedAt) != cleanedAt) return;
        var oldest = (now - Tolerance - CleaningPause).ToUnixTimeMilliseconds();
        foreach (var (nonce, sentAt) in _used)
        {
            if (sentAt < oldest) _used.TryRemove(nonce, out _);
        }
    }

    private static string Mac(byte[] key, string text) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    private static bool IsSame(string left, string right) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static ProblemException Refused(string why) => new(HttpProblemTypes.ClusterKeyRefused, $"The request says that another host passes it on. {why}");
}
