using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using PluginHost.Http.Access;

namespace PluginHost.Http.Cluster;

/// <summary>What a host says of a request that it passes on: for whom, when, and which request.</summary>
/// <param name="SentAt">When, in milliseconds since 1970 in UTC.</param>
/// <param name="Nonce">Random text that is used once.</param>
/// <param name="Request">Method and target.</param>
/// <param name="Tenant">The caller's tenant.</param>
/// <param name="IsAdmin">Whether the caller is an admin.</param>
/// <param name="Name">The caller's name; null for none.</param>
/// <param name="ValidUntil">When the caller's token expires; null for never.</param>
internal sealed record ClusterTicket(long SentAt, string Nonce, string Request, string Tenant, bool IsAdmin, string? Name, DateTimeOffset? ValidUntil)
{
    public Caller Caller => new(Tenant, IsAdmin) { Name = Name, ValidUntil = ValidUntil };

    public static string RequestOf(HttpRequest request) => $"{request.Method} {request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget}";

    /// <summary>The same, as it is sent: <see cref="Uri"/> writes some characters in another way than the caller.</summary>
    public static string RequestOf(HttpRequestMessage sent) => $"{sent.Method} {sent.RequestUri!.PathAndQuery}";
}

[JsonSerializable(typeof(ClusterTicket))]
internal sealed partial class ClusterJson : JsonSerializerContext;
