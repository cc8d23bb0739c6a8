using System.Collections.ObjectModel;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Http.Streaming;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Endpoints;

/// <summary>Start a run, and wait for it, stream it, or leave it in the background.</summary>
internal static class RunStartEndpoints
{
    public static void MapRunStarts(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/v1/sessions/{id}/runs", "createRun", "Runs an agent on a session, which is created when its id is new.");
        Map(routes, "/v1/runs", "createRunOnNewSession", "Runs an agent on a new session with an id of the host's choosing.");
    }

    private static void Map(IEndpointRouteBuilder routes, string pattern, string name, string summary)
    {
        Describe(routes.MapCall("POST", pattern, StartAsync, name, $"{summary} With stream, or Accept: text/event-stream, the answer is a stream of events."))
            .Gives(200, typeof(RunResource)).WithMetadata(new ResponseHeader(IdempotencyHeader.Replayed, "true when the key named a run that was there already.", 200, 202))
            .Gives(202, typeof(RunResource)).WithMetadata(new ResponseHeader("Location", "The address of the run.", 202))
            .WithMetadata(new ResponseHeader(RunAnswer.Steered, "true when the run was in progress, and has the input.", 200, 202));
        Describe(routes.MapCall("POST", $"{pattern}/stream", StreamAsync, $"{name}Stream", $"{summary} The answer is always a stream of events."))
            .Gives(200, typeof(string), SseWriter.ContentType).WithMetadata(RunEventData.Description)
            .WithMetadata(new ResponseHeader(IdempotencyHeader.Replayed, "true when the key named a run that was there already.", 200));
    }

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint) => endpoint
        .Takes(typeof(RunBody))
        .WithMetadata(new RequestHeader(IdempotencyHeader.Name, "Makes the request safe to repeat: the same key and body give the same run."))
        .Refuses(400, 404, 409, 413, 415, 422, 429, 502, 503, 504);

    private static Task StartAsync(HttpContext context) => StartAsync(context, alwaysStream: false);

    private static Task StreamAsync(HttpContext context) => StartAsync(context, alwaysStream: true);

    private static async Task StartAsync(HttpContext context, bool alwaysStream)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var hasSession = context.Request.RouteValues.ContainsKey("id");
        var session = hasSession ? Tenancy.SessionOf(context, errors).Id : null;
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<RunBody>(json, errors);
        if (session is null && body.Create == false)
            errors.Add("create", "A run without a session id has to create its session.", "true, or a session in the path");
        if (alwaysStream && (body.Background == true || body.Stream == false))
            errors.Add(body.Background == true ? "background" : "stream", "The answer at this path is always a stream.", "left out, or the path without /stream");
        var key = IdempotencyHeader.Read(context.Request, json, errors);
        errors.ThrowIfAny();
        var mode = alwaysStream ? AnswerMode.Stream : ModeOf(context.Request, body);
        context.BecomeStreamIf(mode == AnswerMode.Stream);
        var command = ToCommand(context, session, body) with { IdempotencyKey = key.Key, RequestHash = key.RequestHash, Streamed = mode == AnswerMode.Stream, GetsEndAlone = mode == AnswerMode.Wait };
        var run = await context.StartRunAsync(command);
        await RunAnswer.WriteAsync(context, run, RunResourceFormat.Instance, mode);
    }

    private static AnswerMode ModeOf(HttpRequest request, RunBody body)
    {
        if (body.Background == true) return AnswerMode.Background;
        return body.Stream ?? AcceptsEvents(request) ? AnswerMode.Stream : AnswerMode.Wait;
    }

    // Most callers do not name it, and need no list of media types.
    private static bool AcceptsEvents(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains(SseWriter.ContentType, StringComparison.OrdinalIgnoreCase)
        && request.GetTypedHeaders().Accept.Any(a =>
            a.MediaType.Equals(SseWriter.ContentType, StringComparison.OrdinalIgnoreCase) && a.Quality is not 0);

    /// <summary>The run that a body asks for.</summary>
    public static RunCommand ToCommand(HttpContext context, string? session, RunBody body) => new()
    {
        Tenant = Tenancy.TenantOf(context),
        SessionId = session,
        Agent = body.Agent,
        Input = [.. body.Input.Select(MessageJson.ToMessage)],
        Options = body.Options?.ToChatOptions(),
        CallerTools = [.. (body.Options?.Tools ?? []).Select(t => t.ToTool())],
        User = body.User,
        Metadata = body.Metadata is { } metadata ? new ReadOnlyDictionary<string, string>(metadata.ToDictionary()) : ReadOnlyDictionary<string, string>.Empty,
        CreateSession = body.Create ?? true,
        Background = body.Background ?? false,
        Busy = body.Busy is { } busy ? Enum.Parse<BusyPolicy>(busy, ignoreCase: true) : null,
    };
}
