using PluginHost.Http.Binding;

namespace PluginHost.Http;

/// <summary>The header that names the session of a request whose interface has no place for it.</summary>
internal static class SessionHeader
{
    public const string Name = "X-Session-Id";

    /// <returns>The session; null when the request names none, or a wrong one, which is reported.</returns>
    public static string? Read(HttpRequest request, InputErrors errors)
    {
        var header = request.Headers[Name];
        return header.Count == 0 ? null : errors.CheckId(header.ToString(), Name);
    }
}
