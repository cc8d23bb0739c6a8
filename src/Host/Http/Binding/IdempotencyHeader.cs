using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>A caller's idempotency key, and the hash that distinguishes a retry from another request.</summary>
/// <param name="Key">The key.</param>
/// <param name="RequestHash">The hash of method, path, body and session header.</param>
internal readonly record struct RequestKey(string? Key, string? RequestHash);

/// <summary>The header that makes a request safe to repeat.</summary>
internal static class IdempotencyHeader
{
    public const string Name = "Idempotency-Key";

    /// <summary>The header of an answer that comes from an earlier request with the same key.</summary>
    public const string Replayed = "Idempotency-Replayed";

    private const int MaxLength = 255;
    private const string Allowed = "1 to 255 visible ASCII characters, in quotes or not";

    private static readonly SearchValues<char> Visible = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);

    /// <summary>The key of a request; default when it has none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its whole body, of which the bytes are hashed.</param>
    /// <param name="errors">Collects.</param>
    /// <param name="session">The session when a header names it; null when the path or the body does.</param>
    public static RequestKey Read(HttpRequest request, JsonElement body, InputErrors errors, string? session = null)
    {
        var header = request.Headers[Name];
        if (header.Count == 0) return default;
        var key = header.Count == 1 ? Unquote(header[0] ?? "") : "";
        if (key.Length is > 0 and <= MaxLength && !key.AsSpan().ContainsAnyExcept(Visible)) return new RequestKey(key, Hash(request, body, session));
        errors.Add(Name, header.Count > 1 ? "Must not be given more than once." : "This is not a valid key.", Allowed);
        return default;
    }

    /// <summary>Refuses the header where it has no effect: a caller that sends it relies on it.</summary>
    public static void Refuse(HttpRequest request, InputErrors errors)
    {
        if (request.Headers.ContainsKey(Name)) errors.AddUnsupported(Name, "a request without it; look for what a lost answer created before trying again");
    }

    /// <summary>Some clients send the key as the string of a structured field, in quotes that are not part of it.</summary>
    private static string Unquote(string text) => text is ['"', .., '"'] ? text[1..^1] : text;

    private static string Hash(HttpRequest request, JsonElement body, string? session)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.PathBase}{request.Path}\n"));
        if (session is not null) hash.AppendData(Encoding.UTF8.GetBytes($"{session}\n"));
        hash.AppendData(JsonMarshal.GetRawUtf8Value(body));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
