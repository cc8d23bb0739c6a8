using System.Globalization;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Which sessions are looked for. Its members have the names of the API's parameters.</summary>
/// <param name="Prefix">How the id begins.</param>
/// <param name="Agent">The agent of the last run, or of one in progress.</param>
/// <param name="Key">A key of the metadata.</param>
/// <param name="Value">What the metadata has under the key.</param>
/// <param name="ByActivity">Whether the order is that of the last save, not of the creation.</param>
public sealed record SessionFilter(string? Prefix, string? Agent, string? Key, string? Value, bool ByActivity)
{
    private const string Order = "activity";

    public bool IsEmpty => (Prefix ?? Agent ?? Key) is null;

    internal static SessionFilter From(PageRequest page) =>
        new(page.Query("prefix")?.Trim(), page.Query("agent")?.Trim(), page.Query("key")?.Trim(), page.Query("value"), page.Query("sort") == Order);

    public string ToPath(string? after) =>
        ApiPath.WithQuery("/console/sessions", ("prefix", Prefix), ("agent", Agent), ("key", Key), ("value", Value), ("sort", ByActivity ? Order : null), ("after", after));

    public string ToApiPath(string? after, int limit) => ApiPath.WithQuery(
        "/v1/sessions",
        ("prefix", Prefix), ("agent", Agent), ($"metadata.{ApiPath.Escape(Key ?? "")}", Key is null ? null : Value), ("sort", ByActivity ? Order : null),
        ("order", "desc"), ("limit", limit.ToString(CultureInfo.InvariantCulture)), ("after", after));
}
