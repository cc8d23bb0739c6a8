namespace MyPlugin

open System.Threading.Tasks
open Microsoft.Extensions.Logging
open PluginHost.Sdk

/// <summary>Options of <c>my-plugin</c>.</summary>
type MyPluginOptions() =
    /// <summary>The tools that the model may not call.</summary>
    member val Denied: string array = [||] with get, set

/// <summary>Denies some tools, and logs the calls of all.</summary>
type MyPluginMiddleware(options: MyPluginOptions, context: PluginContext) =
    interface IFunctionMiddleware with
        member _.InvokeAsync(invocation, next, cancellationToken) =
            let tool = invocation.Function.Name
            context.Logger.LogInformation("The model calls {Tool}.", tool)

            if Array.contains tool options.Denied then
                ValueTask<obj>($"The tool {tool} is not allowed here." :> obj)
            else
                next.Invoke(invocation, cancellationToken)

[<assembly: Plugin("my-plugin", typeof<MyPluginMiddleware>, Options = typeof<MyPluginOptions>)>]
do ()
