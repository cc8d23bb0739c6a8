using System.ComponentModel;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using PluginHost.Telemetry.Spans;

namespace PluginHost.Tests.Telemetry;

/// <summary>
/// Tells an observer of a run as an engine does: a middleware around a history, a context provider that is skipped, another
/// middleware, and a model that calls a tool. Each plugin call takes 10 ms itself.
/// </summary>
internal sealed class ScriptedRun(HostObserver observer, FakeTimeProvider time, string session = "session-1", string agent = "assistant")
{
    public static readonly PluginInstance Audit = Plugin("audit", 0);
    public static readonly PluginInstance History = Plugin("sqlite-history", 1);
    public static readonly PluginInstance Memory = Plugin("memory", 2);
    public static readonly PluginInstance Redaction = new(new() { Plugin = "redaction", Name = "strict", Index = 3 }, "1.2.3", new object());

    private static readonly TimeSpan CallTime = TimeSpan.FromMilliseconds(10);

    public PluginTelemetry Plugins { get; init; } = new();

    public IChatClient Model { get; init; } = new StubModel();

    public string? PreviousTraceParent { get; init; }

    public ChatOptions Options { get; init; } = new();

    public string? TraceParent { get; private set; }

    private ObservedRun Run => new(new("tenant-1", session), "run-1", agent)
    {
        PreviousTraceParent = PreviousTraceParent,
        Queued = PreviousTraceParent is null ? null : CallTime,
        Provider = "stub",
        Model = "stub-1",
        User = "private user",
    };

    public async Task<RunRecord> RunAsync()
    {
        var state = observer.BeginRun(Run);
        TraceParent = observer.GetTraceParent(state);
        var record = new RunRecord
        {
            Id = "run-1",
            Session = Run.Session,
            Agent = agent,
            Status = RunStatus.Completed,
            CreatedAt = time.GetUtcNow(),
            Skipped = ["memory"],
            Output = [new(ChatRole.Assistant, "done")],
        };
        await Call(new(HostOperation.SessionLoad) { Run = Run }, new() { Restored = PreviousTraceParent is not null });
        observer.AcceptRun(state, Run);
        try
        {
            await Call(new(HostOperation.InvokeAgent) { Run = Run }, default, Chain);
        }
        catch (InvalidOperationException)
        {
            record = record with { Status = RunStatus.Failed, Error = new() { Type = "model_error", Message = "The model failed." } };
        }

        await Call(Plugged(HostOperation.ContextObserve, Memory));
        await Call(Plugged(HostOperation.HistoryAppend, History), new() { Messages = 2 });
        await Call(new(HostOperation.SessionSave) { Run = Run });
        observer.EndRun(state, Run, record);
        return record;
    }

    private static PluginInstance Plugin(string name, int index) => new(new() { Plugin = name, Index = index }, "1.2.3", new object());

    private ObservedOperation Plugged(HostOperation kind, PluginInstance plugin) => new(kind) { Run = Run, Plugin = plugin.Observed };

    private Task Chain() => Call(Plugged(HostOperation.RunMiddleware, Audit), new() { OwnTime = CallTime }, async () =>
    {
        await Call(Plugged(HostOperation.HistoryLoad, History), new() { Messages = 4 });
        await Call(Plugged(HostOperation.ContextProvide, Memory), ObservedEnd.From(Plugged(HostOperation.ContextProvide, Memory), new PluginException("memory", "ContextProvide", new TimeoutException("private"), timedOut: true), skipped: true));
        await Call(Plugged(HostOperation.RunMiddleware, Redaction), new() { OwnTime = CallTime }, CallModel);
    });

    private async Task CallModel()
    {
        using var client = new FunctionInvokingChatClient(new Claiming(observer.Observe(Model, agent)))
        {
            FunctionInvoker = (context, ct) => observer.ObserveAsync(
                new ObservedOperation(HostOperation.ToolCall)
                {
                    Run = Run,
                    Plugin = Memory.Observed,
                    Tool = new(context.Function.Name, context.Function.Description, context.CallContent.CallId),
                },
                context,
                c => c.Function.InvokeAsync(c.Arguments, ct)),
        };
        var options = Options.Clone();
        options.Tools = [AIFunctionFactory.Create(Remember, "remember")];
        await foreach (var _ in client.GetStreamingResponseAsync([new(ChatRole.User, "private")], options))
        {
            // The end of the chain writes updates as they come.
        }
    }

    [Description("Keeps a fact.")]
    private string Remember(string fact)
    {
        using var span = Plugins.GetSource("memory").StartActivity("index fact");
        return "private " + fact;
    }

    /// <summary>Begin and End stand in the method that awaits the operation, as they do in the engine.</summary>
    private async Task Call(ObservedOperation operation, ObservedEnd end = default, Func<Task>? body = null)
    {
        var state = observer.Begin(operation);
        try
        {
            await Task.Yield();
            time.Advance(CallTime);
            if (body is not null) await body();
        }
        catch (InvalidOperationException e)
        {
            end = ObservedEnd.From(operation, e) with { OwnTime = end.OwnTime };
            throw;
        }
        finally
        {
            observer.End(state, operation, end);
        }
    }

    /// <summary>Claims the model's errors for the model, as the engine does.</summary>
    private sealed class Claiming(IChatClient model) : DelegatingChatClient(model)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await updates.MoveNextAsync()) break;
                }
                catch (Exception e)
                {
                    ObservedEnd.Claim(e);
                    throw;
                }

                yield return updates.Current;
            }
        }
    }
}
