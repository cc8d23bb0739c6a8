using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginMiddleware), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Denied">The tools that the model may not call.</param>
public sealed record MyPluginOptions(IReadOnlyList<string>? Denied = null);

/// <summary>Denies some tools, and logs the calls of all.</summary>
public sealed class MyPluginMiddleware(MyPluginOptions options, PluginContext context) : IFunctionMiddleware
{
    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken)
    {
        var tool = invocation.Function.Name;
        context.Logger.LogInformation("The model calls {Tool}.", tool);
        return options.Denied?.Contains(tool) == true ? $"The tool {tool} is not allowed here." : await next(invocation, cancellationToken);
    }
}
