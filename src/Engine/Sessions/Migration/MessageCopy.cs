using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>Copies the messages of one session from one history to another, in order.</summary>
/// <param name="to">The side of the target.</param>
/// <param name="history">The target.</param>
/// <param name="session">The session.</param>
/// <param name="attempts">The attempt of each run that has more than one.</param>
internal sealed class MessageCopy(MigrationSide to, PluginInstance history, SessionKey session, IReadOnlyDictionary<string, int> attempts)
{
    private const int MaxMessages = 500;

    private readonly List<HistoryMessage> _group = [];
    private readonly Dictionary<string, int> _steps = new(StringComparer.Ordinal);
    private long _bytes;

    public async ValueTask CopyAsync(IAsyncEnumerable<HistoryMessage> messages, CancellationToken cancellationToken)
    {
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            if (_group.Count > 0 && (_group.Count == MaxMessages || _bytes > PageBytes.Max || !IsOfOneAppend(_group[0], message))) await AppendAsync(cancellationToken);
            _group.Add(message);
            _bytes += MessageSize.Measure(message.Message);
        }

        if (_group.Count > 0) await AppendAsync(cancellationToken);
    }

    /// <summary>Appends the group. A repeated append of the run itself has the attempt and a step that is stored, so it changes nothing.</summary>
    private async ValueTask AppendAsync(CancellationToken cancellationToken)
    {
        var first = _group[0];
        var step = first.RunId is null ? 0 : _steps.GetValueOrDefault(first.RunId);
        await to.AppendAsync(
            history,
            new HistoryAppend
            {
                Session = session,
                Messages = [.. _group],
                RunId = first.RunId,
                Attempt = first.RunId is null ? 1 : attempts.GetValueOrDefault(first.RunId, 1),
                Step = step,
                Agent = first.Agent,
                Outcome = first.Outcome,
                ErrorType = first.ErrorType,
                CreatedAt = first.CreatedAt,
            },
            cancellationToken);
        if (first.RunId is not null) _steps[first.RunId] = step + 1;
        _group.Clear();
        _bytes = 0;
    }

    private static bool IsOfOneAppend(HistoryMessage one, HistoryMessage other) =>
        (one.RunId, one.Agent, one.Outcome, one.ErrorType, one.CreatedAt) == (other.RunId, other.Agent, other.Outcome, other.ErrorType, other.CreatedAt);
}
