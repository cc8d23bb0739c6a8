using System.Globalization;

namespace PluginHost.Http.Binding;

/// <summary>The header with which a client of server-sent events says what it has.</summary>
internal static class LastEventId
{
    public const string Header = "Last-Event-ID";

    /// <returns>0 when the client has nothing.</returns>
    public static long Read(HttpRequest request, InputErrors errors)
    {
        var text = request.Headers[Header].ToString();
        if (text.Length == 0) return 0;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < long.MaxValue) return id;
        errors.Add(Header, "This is not the id of an event.", "a whole number, 0 or more");
        return 0;
    }
}
