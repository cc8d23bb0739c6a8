using PluginHost.Engine.Errors;

namespace PluginHost.Http.Errors;

/// <summary>The refusals that HTTP itself adds to the engine's catalog.</summary>
internal static class HttpProblemTypes
{
    public static readonly ProblemType MalformedJson = new("malformed-json", "there is no body, or it is not JSON");
    public static readonly ProblemType BadRequest = new("bad-request", "it is not HTTP as the server takes it");
    public static readonly ProblemType Unauthorized = new("unauthorized", "an API key is missing or not known, or a token is not valid");
    public static readonly ProblemType Forbidden = new("forbidden", "the call is for admins, or the token names no tenant");
    public static readonly ProblemType CrossSiteRequest = new("cross-site-request", "a web page of another site sent it to a host without keys, or with the cookie of the console");
    public static readonly ProblemType NotFound = new("not-found", "there is no such path");
    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", "the path does not take the method");
    public static readonly ProblemType RequestTimeout = new("request-timeout", "the body came too slowly");
    public static readonly ProblemType BodyTooLarge = new("body-too-large", "the body is larger than `Server:MaxBodyBytes`");
    public static readonly ProblemType UnsupportedMediaType = new("unsupported-media-type", "the body is not `application/json`, or it is compressed");
    public static readonly ProblemType HostNotAllowed = new("host-not-allowed", "a host without keys is addressed by a name that is not of this machine nor in `Server:AllowedHosts`");
    public static readonly ProblemType ClusterKeyRefused = new("cluster-key-refused", "a host that passes a request on and the one that gets it have different keys (`Cluster:Key`), or do not accept each other's certificates (`Cluster:Tls`)");
    public static readonly ProblemType HostLost = new("host-lost", "the host that had the request was lost before it answered; whether it was done is unknown");
    public static readonly ProblemType RateLimited = new("rate-limited", "the tenant sends more than `Server:RequestsPerSecond`");
    public static readonly ProblemType TooManyRequests = new("too-many-requests", "the tenant has `Server:MaxRequestsPerTenant` requests in progress");
    public static readonly ProblemType TooManyStreams = new("too-many-streams", "the tenant has `Server:MaxStreamsPerTenant` streams open");
    public static readonly ProblemType TooManyBytes = new("too-many-bytes", "the bodies of the tenant's requests and runs in progress take `Server:MaxBodyBytesPerTenant`");
    public static readonly ProblemType RequestRefused = new("request-refused", "any other refusal of the server");
    public static readonly ProblemType Overloaded = new("overloaded", "the host has as many requests, streams, connections or bytes of bodies in progress as it may; `detail` names the setting");
    public static readonly ProblemType TokenIssuerUnavailable = new("token-issuer-unavailable", "a token cannot be checked, because its issuer does not answer");
    public static readonly ProblemType NotReady = new("not-ready", "the host is starting or stopping, or a plugin cannot do its work: `errors` says which and why; of `/health/ready` only");
}
