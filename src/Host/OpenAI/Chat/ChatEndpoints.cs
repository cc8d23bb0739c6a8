using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Chat;

/// <summary>
/// <c>POST /v1/chat/completions</c>. The caller holds the transcript and nothing is kept, unless a header names a session: then
/// the session holds it, and what the caller sends again is recognised.
/// </summary>
internal static class ChatEndpoints
{
    private const string SessionHeader = "X-Session-Id";
    private const string IdPrefix = "chatcmpl-";

    public static void MapChat(this IEndpointRouteBuilder routes) =>
        routes.MapOpenAICall("POST", "/v1/chat/completions", CompleteAsync);

    private static async Task CompleteAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var request = ChatRequestReader.Read(json, errors);
        var session = SessionOf(context.Request, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors, session);
        errors.ThrowIfAny();
        var run = await StartAsync(context, CommandOf(context, request, session, key), request.Input.Positions);
        if (request.Stream) await StreamAsync(context, run, request);
        else await AnswerAsync(context, run);
    }

    private static string? SessionOf(HttpRequest request, InputErrors errors)
    {
        var header = request.Headers[SessionHeader];
        return header.Count == 0 ? null : errors.CheckId(header.ToString(), SessionHeader);
    }

    private static RunCommand CommandOf(HttpContext context, ChatRequest request, string? session, RequestKey key) => new()
    {
        Tenant = Tenancy.TenantOf(context),
        SessionId = session,
        Stateless = session is null,
        RunIdPrefix = IdPrefix,
        Agent = request.Model,
        Instructions = request.Input.Instructions,
        Input = request.Input.Messages,
        Options = request.Options,
        CallerTools = request.Tools,
        RequireToolResults = true,
        Metadata = request.Metadata ?? new Dictionary<string, string>(),
        IdempotencyKey = key.Key,
        RequestHash = key.RequestHash,
    };

    private static async ValueTask<RunHandle> StartAsync(HttpContext context, RunCommand command, IReadOnlyList<int> positions)
    {
        try
        {
            var run = await context.Service<RunEngine>().StartAsync(command, context.RequestAborted);
            if (!run.WasStartedBy(command)) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
            return run;
        }
        catch (ProblemException problem) when (problem.Errors.Count > 0)
        {
            throw new ProblemException(problem.Problem with
            {
                Errors = [.. problem.Errors.Select(e => e with { Path = ChatPaths.Of(e.Path, positions) })],
            });
        }
    }

    private static async Task AnswerAsync(HttpContext context, RunHandle run)
    {
        RunRecord record;
        try
        {
            record = await run.Completion.WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            run.Abandon();
            throw;
        }

        if (FailureOf(record) is { } failure) await ErrorShape.WriteAsync(context, MappedError.From(failure));
        else await context.WriteAsync(StatusCodes.Status200OK, ChatAnswer.From(record), WireJson.Default.ChatCompletion);
    }

    private static async Task StreamAsync(HttpContext context, RunHandle run, ChatRequest request)
    {
        try
        {
            await using var stream = new ChatStream(context, request);
            await stream.WriteAsync(run);
        }
        catch
        {
            // Whatever broke, nobody reads this stream any more; a run that has ended is not touched by this.
            run.Abandon();
            throw;
        }
    }

    /// <summary>Why there is no answer; null when there is one.</summary>
    public static Problem? FailureOf(RunRecord run) => run.Status switch
    {
        RunStatus.Failed => Problem.FromFailedRun(run),
        RunStatus.Cancelled => new Problem(OpenAIProblemTypes.RunCancelled, $"The run '{run.Id}' was cancelled."),
        _ => null,
    };
}
