namespace PluginHost.WebConsole.Api;

/// <summary>Paths of the API and of the pages, with escaped ids.</summary>
public static class ApiPath
{
    public static string Session(string id) => $"/v1/sessions/{Escape(id)}";

    public static string Run(string session, string run) => $"{Session(session)}/runs/{Escape(run)}";

    public static string SessionPage(string id) => $"/console/sessions/{Escape(id)}";

    public static string RunPage(string session, string run) => $"{SessionPage(session)}/runs/{Escape(run)}";

    public static string Escape(string id) => Uri.EscapeDataString(id);

    /// <summary>A path with those parameters that have a value.</summary>
    public static string WithQuery(string path, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(p => !string.IsNullOrEmpty(p.Value)).Select(p => $"{p.Name}={Escape(p.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }
}
