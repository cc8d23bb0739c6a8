using System.Net.WebSockets;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>One connection: reads messages, hands them to their lanes, and ends in order: by the client, at its time limit, or with the host.</summary>
internal sealed class SocketConnection : IDisposable
{
    /// <summary>How long a connection may be open.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(60);

    /// <summary>How long a client may take to close its side.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly HttpContext _context;
    private readonly WebSocket _socket;
    private readonly TimeProvider _time;
    private readonly SocketMessageReader _reader;
    private readonly SocketSender _sender;
    private readonly SocketLanes _lanes = new();
    private readonly SocketAnswers _answers;
    private volatile ProblemException? _ending;

    public SocketConnection(HttpContext context, WebSocket socket)
    {
        var (shares, tenant) = (context.Service<RequestShares>(), Tenancy.TenantOf(context));
        (_context, _socket, _time) = (context, socket, context.Service<TimeProvider>());
        _reader = new SocketMessageReader(socket, shares, tenant, context.Service<ServerConfiguration>().MaxBodyBytes);
        _sender = new SocketSender(socket);
        _answers = new SocketAnswers(context, _sender, new KeptResponses(shares, tenant));
    }

    /// <summary>Serves the connection until it is closed or lost.</summary>
    public async Task ServeAsync()
    {
        using var limit = new CancellationTokenSource(Limit, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _context.Service<IHostApplicationLifetime>().ApplicationStopping);
        var reading = ReadAllAsync();
        await Task.WhenAny(reading, Task.Delay(Timeout.InfiniteTimeSpan, _time, end.Token));
        if (!reading.IsCompleted) await EndAsync(reading, limit.IsCancellationRequested);
        await reading;
        await _lanes.WhenIdleAsync();
    }

    public void Dispose()
    {
        _answers.Dispose();
        _lanes.Dispose();
        _sender.Dispose();
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (await _reader.ReadAsync() is { } message) await TakeAsync(message);
            await _answers.StopAsync();
            await CloseAsync(WebSocketCloseStatus.NormalClosure, "");
        }
        catch (ProblemException e)
        {
            await _answers.RefuseAsync(e.Problem);
            await _answers.StopAsync();
            await LeaveAsync(WebSocketCloseStatus.MessageTooBig, "The message is too large.");
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The connection is lost.
        }
        finally
        {
            await _answers.StopAsync();
        }
    }

    private async ValueTask TakeAsync(ReceivedMessage message)
    {
        string? lane = null;
        try
        {
            if (message.Refusal is { } refusal) throw refusal;
            if (_ending is { } ending) throw ending;
            var request = SocketRequest.Parse(message.Text.Span);
            lane = request.Lane;
            if (request.Type == SocketRequest.Processed) message.Share.Dispose();
            else _lanes.Add(lane, () => _answers.AnswerAsync(request, message.Share));
        }
        catch (ProblemException e)
        {
            message.Share.Dispose();
            await RefuseAsync(e.Problem, lane);
        }
    }

    /// <summary>
    /// Sends the error after the responses before it, so that a client does not take it for the error of one of them. When no more
    /// requests may wait, it is sent at once, and no message is read before it is sent.
    /// </summary>
    private async ValueTask RefuseAsync(Problem problem, string? lane)
    {
        try
        {
            _lanes.Add(lane: null, () => _answers.RefuseAsync(problem, lane));
        }
        catch (ProblemException)
        {
            await _answers.RefuseAsync(problem, lane);
        }
    }

    /// <summary>Takes nothing new, lets the responses in progress end, and closes.</summary>
    private async Task EndAsync(Task reading, bool isLimit)
    {
        _ending = isLimit ? LimitReached() : RunAdmission.Stopping();
        await Task.WhenAny(_lanes.WhenIdleAsync(), reading);
        if (isLimit) await _answers.RefuseAsync(LimitReached().Problem);
        await CloseAsync(isLimit ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.EndpointUnavailable, isLimit ? "60 minutes are over." : "The host stops.");
        if (await Task.WhenAny(reading, Task.Delay(Farewell, _time)) != reading) _socket.Abort();
    }

    /// <summary>A client that reads nothing does not hold the connection.</summary>
    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        var closing = _sender.CloseAsync(status, reason);
        if (await Task.WhenAny(closing, Task.Delay(Farewell, _time)) != closing) _socket.Abort();
        await closing;
    }

    private async Task LeaveAsync(WebSocketCloseStatus status, string reason)
    {
        await CloseAsync(status, reason);
        using var limit = new CancellationTokenSource(Farewell, _time);
        var discarded = new byte[4096];
        try
        {
            // A client that is still sending reads the reason only after that.
            while (_socket.State == WebSocketState.CloseSent) await _socket.ReceiveAsync(discarded.AsMemory(), limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // It is closed either way.
        }
    }

    private static ProblemException LimitReached() => new(
        OpenAIProblemTypes.ConnectionLimit, $"The connection has been open for {Limit.TotalMinutes} minutes, which is the limit. Open another one to continue.");
}
