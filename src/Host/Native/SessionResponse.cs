using System.Globalization;
using PluginHost.Http;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native;

/// <summary>Writes a session with its version as entity tag.</summary>
internal static class SessionResponse
{
    public static Task WriteSessionAsync(this HttpContext context, int status, SessionRecord session)
    {
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{session.Version}\"");
        if (status == StatusCodes.Status201Created) context.Response.Headers.Location = $"/v1/sessions/{session.Key.Id}";
        return context.WriteAsync(status, SessionResource.From(session), ApiJson.Default.SessionResource);
    }
}
