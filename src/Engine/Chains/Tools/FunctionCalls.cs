using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Runs the tools that a model calls: function middleware around the tool, in chain order. Immutable.</summary>
internal sealed class FunctionCalls(IReadOnlyList<PluginInstance> plugins, PluginCaller caller)
{
    /// <summary>What the model gets instead of a result when its arguments cannot be read.</summary>
    public const string NotJson = "The tool was not invoked: the arguments of the call are not a JSON object. Call it again with a complete JSON object.";

    private const string Refused = "The run was refused.";
    private const string NotRecorded = "The call was not made.";

    private readonly PluginInstance[] _middleware = [.. plugins.Where(p => p.FunctionMiddleware is not null)];
    private readonly Dictionary<string, PluginInstance> _bySource = plugins.ToDictionary(p => p.SourceId, StringComparer.Ordinal);

    public async ValueTask<object?> InvokeAsync(
        FunctionInvocationContext context, RunRequest request, RunContext run, ToolSet tools, CancellationToken cancellationToken)
    {
        if (context.Function is CallerTool)
        {
            context.Terminate = true;
            return await context.Function.InvokeAsync(context.Arguments, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        // Some models number their calls from the start in every message.
        run.Answers.Forget(context.CallContent.CallId);
        var source = tools.SourceOf(context.Function.Name);
        // A plugin's client says by the call's exception that the arguments cannot be read.
        var isReadable = context.CallContent.Exception is null && CallArguments.FindInvalid(context.CallContent) is null;
        var answer = isReadable ? CallApproval.Answer(context, run, tools, source) : NotJson;
        if (answer is UndecidedCall) return answer;
        answer ??= await InvokeOnceAsync(context, request, run, source, cancellationToken);
        run.Answers.Add(context.CallContent.CallId, answer);
        return answer;
    }

    private async ValueTask<object?> InvokeOnceAsync(
        FunctionInvocationContext context, RunRequest request, RunContext run, string? source, CancellationToken cancellationToken)
    {
        try
        {
            return await JournaledCalls.InvokeAsync(
                context,
                run,
                () => InvokeAsync(context, request, run, source, cancellationToken),
                hasResult => ObserveEarlier(context, run, source, hasResult));
        }
        catch (JournalFailure e)
        {
            // The loop catches what a tool throws, so that it has to be ended first.
            run.LoopError ??= e;
            context.Terminate = true;
            return NotRecorded;
        }
    }

    /// <summary>A call that an earlier attempt made is a step of this one too.</summary>
    private void ObserveEarlier(FunctionInvocationContext context, RunContext run, string? source, bool hasResult)
    {
        if (!caller.Observer.Observes(run.Observed)) return;
        var operation = Observed(context.Function, context.CallContent.CallId, source, run);
        caller.Observer.End(caller.Observer.Begin(operation), operation, new ObservedEnd { IsReused = hasResult, IsUnknown = !hasResult });
    }

    private async ValueTask<object?> InvokeAsync(
        FunctionInvocationContext context, RunRequest request, RunContext run, string? source, CancellationToken cancellationToken)
    {
        var invocation = new FunctionInvocation
        {
            Run = request,
            Function = context.Function,
            CallId = context.CallContent.CallId,
            Arguments = Arguments(context, run, source),
            Source = source,
        };
        var outcome = new ToolOutcome();
        try
        {
            var result = ToolResult.From(await caller.Observer.ObserveAsync(
                Observed(invocation.Function, invocation.CallId, invocation.Source, run),
                (Calls: this, invocation, run, outcome, cancellationToken),
                static s => s.Calls.InvokeAsync(0, s.invocation, s.run, s.outcome, s.cancellationToken),
                static (s, _) => s.outcome.HasFailed ? ObservedEnd.ToolFailed : default));
            if (outcome.ChangedBy.Count > 0) run.Recorder?.ChangeResult(invocation.CallId, outcome.ChangedBy, outcome.HasReturned ? [outcome.Returned] : [], result);
            return result;
        }
        catch (PluginRefusalException e)
        {
            // The loop catches what a tool throws, so that it has to be ended first.
            run.LoopError ??= e;
            context.Terminate = true;
            return Refused;
        }
        catch (PluginException e)
        {
            // The loop tells the model that the call failed, and the run continues.
            run.AddFailure(e);
            throw;
        }
    }

    private ObservedOperation Observed(AIFunction function, string callId, string? source, RunContext run) => new(HostOperation.ToolCall)
    {
        Run = run.Observed,
        Plugin = source is null ? null : _bySource.GetValueOrDefault(source)?.Observed,
        Tool = new(function.Name, function.Description, callId),
    };

    /// <summary>A copy: the loop's own are those of the call that is stored and that the model sees again.</summary>
    private static AIFunctionArguments Arguments(FunctionInvocationContext context, RunContext run, string? source)
    {
        var own = context.Arguments;
        var arguments = new AIFunctionArguments(new Dictionary<string, object?>(own))
        {
            Services = own.Services,
            Context = own.Context is null ? new Dictionary<object, object?>() : new Dictionary<object, object?>(own.Context),
        };
        arguments.Context[typeof(Session)] = run.Session;
        arguments.Context[typeof(ToolCallKey)] = new ToolCallKey(JournaledCalls.KeyOf(context, run));
        if (source is not null) arguments.Context[typeof(SessionState)] = run.Session.Open(source);
        return arguments;
    }

    /// <summary>A middleware that passes on new arguments must not lose the tool's session.</summary>
    private static FunctionInvocation Complete(FunctionInvocation passedOn, AIFunctionArguments given)
    {
        if (passedOn.Arguments == given) return passedOn;
        var arguments = passedOn.Arguments;
        arguments.Services ??= given.Services;
        arguments.Context ??= new Dictionary<object, object?>();
        foreach (var (key, value) in given.Context ?? new Dictionary<object, object?>()) arguments.Context.TryAdd(key, value);
        return passedOn;
    }

    private ValueTask<object?> InvokeAsync(int index, FunctionInvocation invocation, RunContext run, ToolOutcome outcome, CancellationToken cancellationToken)
    {
        if (index == _middleware.Length)
        {
            if (run.Replay is { } replay) return new(replay.ResultOf(invocation.CallId));
            return run.Recorder is not { } recorder
                ? InvokeToolAsync(invocation, outcome, cancellationToken)
                : recorder.ObserveToolAsync(invocation.CallId, invocation.Function.Name, invocation.Source, () => InvokeToolAsync(invocation, outcome, cancellationToken));
        }

        var plugin = _middleware[index];
        return run.Recorder is null || run.Replay is not null
            ? InvokeMiddlewareAsync(plugin, invocation, Inner, run, cancellationToken)
            : CompareAsync(plugin, invocation, Inner, run, outcome, cancellationToken);

        ValueTask<object?> Inner(FunctionInvocation passedOn, CancellationToken ct) => InvokeAsync(index + 1, passedOn, run, outcome, ct);
    }

    private ValueTask<object?> InvokeMiddlewareAsync(
        PluginInstance plugin, FunctionInvocation invocation, FunctionDelegate inner, RunContext run, CancellationToken cancellationToken)
    {
        var call = new MiddlewareCall<FunctionInvocation, object?>(
            caller,
            new PluginCall(plugin, HostOperation.FunctionMiddleware) { Run = run.Observed },
            (passedOn, ct) => inner(Complete(passedOn, invocation.Arguments), ct),
            run.Skip,
            allowsNull: true);
        FunctionDelegate next = call.NextAsync;
        return call.InvokeAsync(invocation, ct => plugin.FunctionMiddleware!.InvokeAsync(invocation, next, ct), cancellationToken);
    }

    /// <summary>Notes whether a middleware gives another result than it got.</summary>
    private async ValueTask<object?> CompareAsync(
        PluginInstance plugin, FunctionInvocation invocation, FunctionDelegate inner, RunContext run, ToolOutcome outcome, CancellationToken cancellationToken)
    {
        object? got = outcome;
        var given = await InvokeMiddlewareAsync(plugin, invocation, async (passedOn, ct) => got = await inner(passedOn, ct), run, cancellationToken);
        if (!Equals(got, given)) outcome.Change(plugin.SourceId);
        return given;
    }

    /// <summary>A tool that says itself that it failed gives its result all the same: the model may try something else.</summary>
    private async ValueTask<object?> InvokeToolAsync(FunctionInvocation invocation, ToolOutcome outcome, CancellationToken cancellationToken)
    {
        var result = await CallToolAsync(invocation, cancellationToken);
        if (result is FunctionResultContent { Exception: not null } failed) (outcome.HasFailed, result) = (true, failed.Result);
        outcome.Return(result);
        return result;
    }

    private ValueTask<object?> CallToolAsync(FunctionInvocation invocation, CancellationToken cancellationToken) =>
        invocation.Source is not null && _bySource.TryGetValue(invocation.Source, out var plugin)
            ? caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.ToolCall), invocation, static (call, ct) => call.Function.InvokeAsync(call.Arguments, ct), cancellationToken)
            : invocation.Function.InvokeAsync(invocation.Arguments, cancellationToken);
}
