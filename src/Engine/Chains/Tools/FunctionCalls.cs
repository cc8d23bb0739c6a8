using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Runs the tools that a model calls: function middleware around the tool, in chain order. Immutable.</summary>
internal sealed class FunctionCalls(IReadOnlyList<PluginInstance> plugins, PluginCaller calls)
{
    private readonly PluginInstance[] _middleware = [.. plugins.Where(p => p.FunctionMiddleware is not null)];
    private readonly Dictionary<string, PluginInstance> _bySource = plugins.ToDictionary(p => p.SourceId, StringComparer.Ordinal);

    public async ValueTask<object?> InvokeAsync(
        FunctionInvocationContext context, RunRequest request, RunScope scope, ToolSet tools, CancellationToken cancellationToken)
    {
        if (context.Function is CallerTool)
        {
            context.Terminate = true;
            return await context.Function.InvokeAsync(context.Arguments, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        // Some models number their calls from the start in every message.
        scope.Answers.Forget(context.CallContent.CallId);
        var source = tools.SourceOf(context.Function.Name);
        var invocation = new FunctionInvocation(request, context.Function, context.CallContent.CallId, Arguments(context, scope, source)) { Source = source };

        var result = await InvokeAsync(0, invocation, scope, cancellationToken);
        scope.Answers.Add(context.CallContent.CallId, result);
        return result;
    }

    /// <summary>A copy: the loop's own are those of the call that is stored and that the model sees again.</summary>
    private static AIFunctionArguments Arguments(FunctionInvocationContext context, RunScope scope, string? source)
    {
        var own = context.Arguments;
        var arguments = new AIFunctionArguments(new Dictionary<string, object?>(own))
        {
            Services = own.Services,
            Context = own.Context is null ? new Dictionary<object, object?>() : new Dictionary<object, object?>(own.Context),
        };
        arguments.Context[typeof(Session)] = scope.Session;
        if (source is not null) arguments.Context[typeof(SessionState)] = scope.Session.Open(source);
        return arguments;
    }

    private ValueTask<object?> InvokeAsync(int index, FunctionInvocation invocation, RunScope scope, CancellationToken cancellationToken)
    {
        if (index == _middleware.Length) return InvokeToolAsync(invocation, cancellationToken);
        var plugin = _middleware[index];
        var call = new MiddlewareCall<FunctionInvocation, object?>(
            calls,
            plugin,
            new ObservedOperation(HostOperation.FunctionMiddleware) { Run = scope.Observed, Plugin = plugin },
            (passedOn, ct) => InvokeAsync(index + 1, passedOn, scope, ct),
            scope.Skip,
            allowsNull: true);
        FunctionDelegate next = call.NextAsync;
        return call.InvokeAsync(invocation, ct => plugin.FunctionMiddleware!.InvokeAsync(invocation, next, ct), cancellationToken);
    }

    private ValueTask<object?> InvokeToolAsync(FunctionInvocation invocation, CancellationToken cancellationToken) =>
        invocation.Source is not null && _bySource.TryGetValue(invocation.Source, out var plugin)
            ? calls.CallUnobservedAsync(
                plugin, HostOperation.FunctionMiddleware, invocation, static (call, ct) => call.Function.InvokeAsync(call.Arguments, ct), cancellationToken)
            : invocation.Function.InvokeAsync(invocation.Arguments, cancellationToken);
}
