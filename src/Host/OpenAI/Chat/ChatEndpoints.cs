using System.Collections.ObjectModel;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>
/// <c>POST /v1/chat/completions</c>. The caller holds the transcript and nothing is kept, unless a header names a session: then
/// the session holds it, and the part that the caller resends is recognised.
/// </summary>
internal static class ChatEndpoints
{
    private const string IdPrefix = "chatcmpl-";

    public static void MapChat(this IEndpointRouteBuilder routes) =>
        routes.MapOpenAICall("POST", "/v1/chat/completions", CompleteAsync);

    private static async Task CompleteAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<ChatBody>(json, errors);
        var model = context.Service<RunEngine>().FindAgent(body.Model)?.Model;
        var (unknown, hosted) = (model?.UnknownParameters ?? UnknownParameters.Refuse, new HostedParts(model));
        RequestParameters.Check(body, unknown, errors);
        body.CheckHosted(hosted, errors);
        var session = SessionHeader.Read(context, body.Model, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors, session);
        if (body.Logprobs) AnswerExtras.CheckLogProbabilities(context, body.Model, errors, "logprobs");
        if (body.N > 1) AnswerExtras.CheckChoices(context, body.Model, errors, session);
        errors.ThrowIfAny();
        context.BecomeStreamIf(body.Stream);
        var request = new ChatRequest(body, json, unknown, hosted);
        var run = await context.StartChatAsync(CommandOf(context, request, session, key), request.Input.Positions);
        AnswerHeaders.AddModel(context, run);
        await RunAnswer.WriteAsync(context, run, new ChatFormat(request), request.Body.Stream ? AnswerMode.Stream : AnswerMode.Wait);
    }

    private static RunCommand CommandOf(HttpContext context, ChatRequest request, string? session, RequestKey key) => new()
    {
        Tenant = Tenancy.TenantOf(context),
        SessionId = session,
        Stateless = session is null,
        RunIdPrefix = IdPrefix,
        Agent = request.Body.Model,
        Instructions = request.Input.Instructions?.Text,
        SentInstructions = request.Input.Instructions,
        Input = request.Input.Messages,
        Options = request.Options,
        CallerTools = request.Tools,
        RequireToolResults = true,
        IsTranscript = true,
        CanPark = false,
        Metadata = request.Body.Metadata ?? ReadOnlyDictionary<string, string>.Empty,
        User = request.User,
        Streamed = request.Body.Stream,
        GetsEndAlone = !request.Body.Stream,
        IdempotencyKey = key.Key,
        RequestHash = key.RequestHash,
    };
}
