using PluginHost.Engine.Chains;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;

namespace PluginHost.ModelClients.OpenAI.Relay;

/// <summary>An answer that passes through. Its first bytes are held until they show whether it is an error, which some servers send with status 200.</summary>
internal sealed class RelayedAnswer(ModelAnswer answer, AnswerDeadline deadline, OpenAIOptions options, Func<Exception, bool, Exception> failure, ModelExceptionFactory errors)
    : ModelServerAnswer
{
    private readonly AnswerScanner _scanner = new(answer.HasEvents);
    private Stream? _body;

    public override bool HasEvents => answer.HasEvents;

    public override ModelLimits? Limits => answer.Limits;

    public override ObservedModelAnswer Facts => _scanner.Facts;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var isFirst = _body is null;
        try
        {
            _body ??= await answer.OpenAsync(deadline.Token);
            if (!isFirst) return await ReadPieceAsync(_body, buffer);
            var length = 0;
            while (length < buffer.Length && !(HasEvents && _scanner.Documents > 0))
            {
                var read = await ReadPieceAsync(_body, buffer[length..]);
                if (read == 0) break;
                length += read;
            }

            if (length == 0) throw errors.CreateInvalid("it is empty.");
            return _scanner.Error is { } error ? throw errors.FromErrorInStream(error) : length;
        }
        catch (Exception e)
        {
            throw failure(e, true);
        }
    }

    public override void Dispose()
    {
        _body?.Dispose();
        answer.Dispose();
        deadline.Dispose();
    }

    private async ValueTask<int> ReadPieceAsync(Stream body, Memory<byte> buffer)
    {
        // Of events, silence is limited and not the whole; only the time that the server takes counts.
        if (HasEvents) deadline.Set(TimeSpan.FromSeconds(options.TimeoutSeconds));
        var read = await body.ReadAsync(buffer, deadline.Token);
        if (HasEvents) deadline.Set(Timeout.InfiniteTimeSpan);
        _scanner.Read(buffer.Span[..read]);
        return read;
    }
}
