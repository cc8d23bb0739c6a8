using System.Globalization;

namespace PluginHost.Http.Binding;

/// <summary>The header in which a client of server-sent events names the last event that it received.</summary>
internal static class LastEventId
{
    public const string Header = "Last-Event-ID";

    /// <returns>0 without the header.</returns>
    public static long Read(HttpRequest request, InputErrors errors)
    {
        var text = request.Headers[Header].ToString();
        if (text.Length == 0) return 0;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < long.MaxValue) return id;
        errors.Add(Header, "This is not the id of an event.", "a whole number, 0 or more");
        return 0;
    }
}
