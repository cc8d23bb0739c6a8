using System.Net.WebSockets;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>Answers the requests of one connection, and logs what is refused. Thread-safe.</summary>
internal sealed class SocketAnswers(HttpContext context, SocketSender sender, KeptResponses kept) : IDisposable
{
    private const string Method = "WebSocket", Route = "/v1/responses";

    private readonly ILogger _logger = context.Service<ILogger<SocketAnswers>>();
    private readonly CancellationTokenSource _gone = new();

    /// <summary>The client is gone: responses in progress are abandoned, and no further ones begin.</summary>
    public Task StopAsync() => _gone.CancelAsync();

    /// <summary>Answers one request. Never throws.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">The share of bytes of its message; released when its run has ended.</param>
    public async Task AnswerAsync(SocketRequest request, BodyShare body)
    {
        using var held = body;
        using var writer = new SocketEventWriter(sender, request.Lane);
        if (_gone.IsCancellationRequested) return;
        try
        {
            if (request.Type == SocketRequest.Steer) await writer.SendAsync(RefuseSteering(request), ResponsesJson.Default.SteerFailed, _gone.Token);
            else if (await new SocketResponse(context, request, kept, _gone.Token).StreamAsync(writer, body) is { } failure) await RefuseAsync(writer, failure);
        }
        catch (SessionElsewhereException e)
        {
            await RefuseAsync(writer, e.ToSocket().Problem);
        }
        catch (ProblemException e)
        {
            await RefuseAsync(writer, e.Problem);
        }
        catch (Exception e) when (_gone.IsCancellationRequested || e is WebSocketException)
        {
            // The client is gone; its run is abandoned already.
        }
        catch (Exception e)
        {
            Log.Unexpected(_logger, Method, Route, context.TraceId(), LoggableError.From(e));
            await RefuseAsync(writer, new Problem(ProblemTypes.InternalError, "The host failed; its log has the cause."));
        }
    }

    /// <summary>Sends an error, with its lane when it has one. Never throws.</summary>
    public async Task RefuseAsync(Problem problem, string? lane = null)
    {
        using var writer = new SocketEventWriter(sender, lane);
        await RefuseAsync(writer, problem);
    }

    public void Dispose()
    {
        kept.Dispose();
        _gone.Dispose();
    }

    private async Task RefuseAsync(SocketEventWriter writer, Problem problem)
    {
        var status = MappedError.From(problem).Status;
        if (status == StatusCodes.Status429TooManyRequests || problem.Type == HttpProblemTypes.Overloaded) Log.RefusedForNow(_logger, Method, Route, status, problem.Type.Slug);
        else Log.Refused(_logger, Method, Route, status, problem.Type.Slug);
        try
        {
            await writer.SendAsync(problem, _gone.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client is gone, and needs no answer.
        }
    }

    private static SteerFailed RefuseSteering(SocketRequest request)
    {
        var error = new Error("The host takes no input for a response in progress. Send it with the next response.create.", "invalid_request_error", null, "steering_not_supported");
        var previous = request.Message.TryGetProperty("previous_response_id", out var id) ? id.ToString() : null;
        return new SteerFailed("response.steer.failed", 0, error, new SteerInput(previous, request.Message.TryGetProperty("input", out var input) ? input : null));
    }
}
