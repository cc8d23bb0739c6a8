using System.Globalization;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>Finds runs over all sessions.</summary>
internal static class RunSearchEndpoints
{
    public static void MapRunSearch(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/v1/runs", SearchAsync, "searchRuns", "Finds runs over all sessions, in progress or ended, the newest first.")
            .Query<RunSearchParameters>()
            .Gives(200, typeof(RunSearchResource)).Refuses(400, 403, 404);

    private static async Task SearchAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<RunSearchParameters>(context, errors);
        var tenant = Tenancy.TenantOf(context);
        var search = new RunSearch
        {
            Tenant = Tenancy.ChooseTenant(context, query.Tenant),
            SessionId = query.Session,
            Agent = query.Agent,
            Status = query.Status is null ? null : Enum.GetValues<RunStatus>().First(s => RunResource.StatusText(s) == query.Status),
            ErrorType = query.ErrorType,
            Skipped = query.Skipped,
            OnlyTrouble = query.Trouble,
            TraceId = query.TraceId,
            Since = ReadTime("since", query.Since, errors),
            Until = ReadTime("until", query.Until, errors),
            After = ReadCursor(query.After, errors),
            Limit = query.Limit,
        };
        errors.ThrowIfAny();
        var found = await context.Service<RunEngine>().SearchAsync(search, context.RequestAborted);
        await context.WriteAsync(200, RunSearchResource.From(found, tenant), ApiJson.Default.RunSearchResource);
    }

    private static DateTimeOffset? ReadTime(string name, string? text, InputErrors errors)
    {
        if (text is null) return null;
        // A plus sign that was not escaped arrives as a space. Without T, the space is in front of the time of day.
        var escaped = text.Contains('T') ? text.Replace(' ', '+') : text;
        if (DateTimeOffset.TryParse(escaped, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        errors.Add(name, "Expected a time.", "a time as in RFC 3339, for example 2026-11-28T09:00:00Z");
        return null;
    }

    private static RunPlace? ReadCursor(string? text, InputErrors errors)
    {
        if (text is null) return null;
        if (RunCursor.Read(text) is { } place) return place;
        errors.Add("after", "Unknown cursor.", "the next of an earlier page");
        return null;
    }
}
