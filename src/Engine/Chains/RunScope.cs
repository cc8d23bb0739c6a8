using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>
/// What one run gathers on its way through the chain. Belongs to the host: plugins never see it. Written by the run's own
/// flow only, except <see cref="Answers"/>.
/// </summary>
internal sealed class RunScope(Session session, ObservedRun? observed)
{
    private List<CompletionStep>? _afterWork;
    private List<string>? _skipped;
    private (RunOutput Output, int Start, int End, RunResponse Response) _lastResponse;

    public Session Session { get; } = session;

    /// <summary>The identity of the run for the observer; null when nobody listens.</summary>
    public ObservedRun? Observed { get; } = observed;

    /// <summary>Whether histories neither load nor store in this run.</summary>
    public bool IsStateless { get; init; }

    /// <summary>What stands in the place of the loaded history of a stateless run.</summary>
    public IReadOnlyList<HistoryMessage> Earlier { get; init; } = [];

    /// <summary>The request of the deepest stage that was entered: after a complete run, what the model was sent.</summary>
    public RunRequest? Deepest { get; set; }

    /// <summary>Results of finished tool calls, so that a cancelled tool loop does not lose them.</summary>
    internal ToolAnswers Answers { get; } = new();

    /// <summary>What the model's client threw last, to tell its errors from a middleware's.</summary>
    public Exception? ModelError { get; set; }

    /// <summary>The service's session id as far as it has settled: the session's own before the first model call.</summary>
    public string? ServiceSessionId { get; private set; } = session.ServiceSessionId;

    /// <summary>
    /// The id with which the service waits for results of the caller's tools; null when it waits for none. A session that the
    /// service keeps goes on from there, for nobody else has what was said.
    /// </summary>
    public string? WaitingServiceSessionId { get; private set; }

    /// <summary>Calls of the caller's tools that the service has been waiting for since an earlier run.</summary>
    public IReadOnlyList<string> OpenServiceCalls { get; init; } = [];

    /// <summary>When the chain ended: the time of all that is stored of the run.</summary>
    public DateTimeOffset EndedAt { get; set; }

    /// <summary>Appends and observes to do when the outcome is final, in the order in which plugins were entered.</summary>
    internal IReadOnlyList<CompletionStep> AfterWork => _afterWork ?? [];

    public IReadOnlyList<string> Skipped => _skipped ?? [];

    /// <summary>A model call ended and the service gave an id. With open calls it does not settle: going on from there would be refused.</summary>
    internal void TakeServiceSession(string id, bool openCalls)
    {
        if (openCalls)
        {
            WaitingServiceSessionId = id;
            return;
        }

        ServiceSessionId = id;
        WaitingServiceSessionId = null;
    }

    internal void Add(CompletionStep work) => (_afterWork ??= []).Add(work);

    public void Skip(string sourceId)
    {
        if (_skipped?.Contains(sourceId) != true) (_skipped ??= []).Add(sourceId);
    }

    /// <summary>The response as it passed one place; the same object for places with nothing between them. Not for plugins.</summary>
    internal RunResponse ResponseOf(RunOutput output, int start, int end)
    {
        if (_lastResponse.Output != output || _lastResponse.Start != start || _lastResponse.End != end)
            _lastResponse = (output, start, end, new RunResponse(output.Written, start, end));
        return _lastResponse.Response;
    }
}
