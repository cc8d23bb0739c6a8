using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Relay;

/// <summary>Sends one request to a model's server and passes its answer on, piece by piece, no faster than the caller reads.</summary>
internal sealed class AnswerRelay(HttpContext context, IModelServer server, string path)
{
    private const int PieceLength = 16 * 1024;

    private readonly HttpResponse _response = context.Response;
    private readonly CancellationToken _aborted = context.RequestAborted;
    private bool _hasBegun;
    private bool _isBetweenEvents;

    /// <exception cref="ProblemException">The server refused, failed or was not reached.</exception>
    public async Task SendAsync(byte[] body, ObservedModelCall call)
    {
        var observer = context.RequestServices.GetService<HostObserver>() ?? HostObserver.None;
        var state = observer.BeginModelCall(call);
        var (facts, error) = (default(ObservedModelAnswer), default(Exception));
        var isComplete = false;
        try
        {
            _response.Headers["openai-model"] = call.Agent;
            using var answer = await server.SendAsync(path, body, call.IsStreamed, _aborted);
            AnswerHeaders.Add(_response, answer.Limits);
            try
            {
                await PassAsync(answer);
                isComplete = true;
            }
            finally
            {
                facts = answer.Facts;
            }
        }
        catch (ModelException e)
        {
            error = e;
            if (!_hasBegun) AnswerHeaders.Add(_response, e.Limits as ModelLimits);
            await FailAsync(Problem.FromModel(e));
        }
        finally
        {
            observer.EndModelCall(state, facts, error, isComplete);
        }
    }

    private async ValueTask PassAsync(ModelServerAnswer answer)
    {
        var output = _response.BodyWriter;
        while (true)
        {
            var piece = output.GetMemory(PieceLength)[..PieceLength];
            var length = await answer.ReadAsync(piece, _aborted);
            if (length == 0) return;
            if (!_hasBegun) Begin(answer.HasEvents);
            if (answer.HasEvents) _isBetweenEvents = piece.Span[..length].EndsWith("\n\n"u8) || piece.Span[..length].EndsWith("\n\r\n"u8);
            output.Advance(length);
            await output.FlushAsync(_aborted);
        }
    }

    private void Begin(bool hasEvents)
    {
        _hasBegun = true;
        if (hasEvents) SseWriter.SetHead(_response);
        else _response.ContentType = "application/json";
    }

    /// <summary>Half an answer must not look like a whole one: the last event is the error, or the connection breaks.</summary>
    private async ValueTask FailAsync(Problem failure)
    {
        if (!_hasBegun) throw new ProblemException(failure);
        if (!_isBetweenEvents)
        {
            context.Abort();
            return;
        }

        using var writer = new SseWriter(_response);
        writer.Append(new SseEvent(0, null, new ErrorBody(MappedError.From(failure).Error), WireJson.Default.ErrorBody));
        await _response.BodyWriter.FlushAsync(_aborted);
    }
}
