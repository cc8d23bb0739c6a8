using System.Collections;
using System.Globalization;
using PluginHost.Testing;

namespace PluginHost.EndToEnd.Running;

internal static class ReceivedText
{
    /// <summary>Returns every text in every span, log record and metric.</summary>
    public static IEnumerable<string> GetAll(ReceivedTelemetry received) =>
    [
        .. received.Spans.SelectMany(s => Texts(s.Attributes).Append(s.Name).Append(s.StatusMessage)),
        .. received.Spans.SelectMany(s => s.Events).SelectMany(e => Texts(e.Attributes).Append(e.Name)),
        .. received.Logs.SelectMany(l => Texts(l.Attributes).Append(l.Body)),
        .. received.Points.SelectMany(p => Texts(p.Attributes).Append(p.Name)),
    ];

    private static IEnumerable<string> Texts(IReadOnlyDictionary<string, object?> attributes) =>
        attributes.SelectMany(a => Texts(a.Value).Append(a.Key));

    private static IEnumerable<string> Texts(object? value) => value switch
    {
        string text => [text],
        IEnumerable items => items.Cast<object?>().SelectMany(Texts),
        _ => [Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""],
    };
}
