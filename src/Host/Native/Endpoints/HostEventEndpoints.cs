using System.Globalization;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Http.Streaming;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>Streams what happens in the host.</summary>
internal static class HostEventEndpoints
{
    public static void MapHostEvents(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/v1/events", FollowAsync, "followHost", "Streams what happens in the host: runs that begin and end, approvals, reloads. Without content. Continues after Last-Event-ID.")
            .Query<HostEventParameters>()
            .WithMetadata(new RequestHeader(LastEventId.Header, "The id of the last event that the client has."), HostEventData.Description)
            .Gives(200, typeof(string), SseWriter.ContentType).Refuses(400, 403);

    private static async Task FollowAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<HostEventParameters>(context, errors);
        var after = ReadPlace(context, query, errors);
        errors.ThrowIfAny();
        var tenant = Tenancy.ChooseTenant(context, query.Tenant);
        context.BecomeStreamIf(true);
        var (validity, isAdmin) = (context.Service<CallerValidity>(), Tenancy.IsAdmin(context));
        using var writer = new SseWriter(context.Response);
        var stream = new HostEventStream(context.Service<RunEngine>().Events, IsVisible, () => validity.IsValid(context), writer);
        await stream.WriteAsync(after, context.RequestAborted);

        bool IsVisible(HostEvent happened) =>
            (isAdmin || !happened.IsForAdmins)
            && (tenant is null || happened.Tenant is null || happened.Tenant == tenant)
            && (happened is not HostEvent.OfRun run || ((query.Session is null || run.Session.Id == query.Session) && (query.Agent is null || run.Agent == query.Agent)));
    }

    /// <summary>The header comes with each new connection of the client, and so is newer than the query.</summary>
    private static long? ReadPlace(HttpContext context, HostEventParameters query, InputErrors errors)
    {
        if (LastEventId.Read(context.Request, errors) is > 0 and var header) return header;
        if (query.After is null) return null;
        if (long.TryParse(query.After, NumberStyles.None, CultureInfo.InvariantCulture, out var after)) return after;
        errors.Add("after", "This is not the id of an event.", "a whole number, 0 or more");
        return null;
    }
}
