using PluginHost.Anthropic.Wire;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Chat;

namespace PluginHost.Anthropic.Messages;

/// <summary>
/// <c>POST /v1/messages</c>: like chat completions, the caller holds the transcript and nothing is kept, unless a header names a
/// session. <c>POST /v1/messages/count_tokens</c> estimates what the same request weighs.
/// </summary>
internal static class MessagesEndpoints
{
    private const string IdPrefix = "msg_";

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        routes.MapAnthropicCall("/v1/messages", CreateAsync);
        routes.MapAnthropicCall("/v1/messages/count_tokens", CountTokensAsync);
    }

    private static async Task CreateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<MessagesBody>(json, errors);
        if (body.MaxTokens is null) errors.AddMissing("max_tokens", "a whole number of at least 1");
        var session = SessionHeader.Read(context, body.Model, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors, session);
        errors.ThrowIfAny();
        context.BecomeStreamIf(body.Stream);
        var request = new MessagesRequest(body);
        var run = await context.StartChatAsync(CommandOf(context, request, session, key), request.Input.Positions);
        await RunAnswer.WriteAsync(context, run, new MessagesFormat(request), body.Stream ? AnswerMode.Stream : AnswerMode.Wait);
    }

    private static async Task CountTokensAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<MessagesBody>(json, errors);
        errors.ThrowIfAny();
        var request = new MessagesRequest(body);
        var tokens = new TokenCounter(TextEncoding.O200k, context.RequestAborted);
        tokens.Add(request.Instructions);
        foreach (var message in request.Input.Messages) tokens.Add(message);
        if (body.Tools is not null)
        {
            foreach (var tool in json.GetProperty("tools").EnumerateArray()) tokens.Add(tool.GetRawText());
        }

        await context.WriteAsync(StatusCodes.Status200OK, new TokenCount(tokens.Count), AnthropicJson.Default.TokenCount);
    }

    private static RunCommand CommandOf(HttpContext context, MessagesRequest request, string? session, RequestKey key) => new()
    {
        Tenant = Tenancy.TenantOf(context),
        SessionId = session,
        Stateless = session is null,
        RunIdPrefix = IdPrefix,
        Agent = request.Body.Model,
        Instructions = request.Instructions,
        Input = request.Input.Messages,
        Options = request.Options,
        CallerTools = request.Tools,
        RequireToolResults = true,
        IsTranscript = true,
        CanPark = false,
        Metadata = request.Body.Metadata?.UserId is { } user ? new Dictionary<string, string> { ["user_id"] = user } : new Dictionary<string, string>(),
        Streamed = request.Body.Stream,
        GetsEndAlone = !request.Body.Stream,
        IdempotencyKey = key.Key,
        RequestHash = key.RequestHash,
    };
}
