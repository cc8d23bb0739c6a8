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
    private const string Activity = "activity";
    private const string Creation = "created";

    public bool IsEmpty => (Prefix ?? Agent ?? Key) is null;

    /// <summary>Whether it names a key of the metadata without its value. The API finds sessions by both.</summary>
    public bool LacksValue => Key is not null && Value is null;

    internal static SessionFilter From(PageRequest page) =>
        new(page.Query("prefix")?.Trim(), page.Query("agent")?.Trim(), page.Query("key")?.Trim(), page.Query("value"), page.Query("sort") != Creation);

    public string ToPath(string? after) =>
        ApiPath.WithQuery("/console/sessions", ("prefix", Prefix), ("agent", Agent), ("key", Key), ("value", Value), ("sort", ByActivity ? null : Creation), ("after", after));

    public string ToApiPath(string? after, int limit) => ApiPath.WithQuery(
        "/v1/sessions",
        ("prefix", Prefix), ("agent", Agent), ($"metadata.{ApiPath.Escape(Key ?? "")}", Key is null ? null : Value), ("sort", ByActivity ? Activity : null),
        ("order", "desc"), ("limit", limit.ToString(CultureInfo.InvariantCulture)), ("after", after));
}
