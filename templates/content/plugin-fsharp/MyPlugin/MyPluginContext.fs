namespace MyPlugin

open System
open System.Threading.Tasks
open Microsoft.Extensions.AI
open PluginHost.Sdk

/// <summary>Options of <c>my-plugin</c>.</summary>
type MyPluginOptions() =
    /// <summary>How the time is written.</summary>
    member val Format = "yyyy-MM-dd HH:mm" with get, set

/// <summary>Gives the model the time, and a tool that gives it exactly.</summary>
type MyPluginProvider(options: MyPluginOptions, context: PluginContext) =
    interface IContextProvider with
        member _.ProvideAsync(_, _) =
            let exact = Func<string>(fun () -> context.TimeProvider.GetUtcNow().ToString("O"))

            ValueTask<ContextContribution>(
                ContextContribution(
                    Instructions = $"It is {context.TimeProvider.GetUtcNow().ToString(options.Format)}.",
                    Tools = [| AIFunctionFactory.Create(exact, "exact_time", "Gives the time to the second.") |]
                )
            )

[<assembly: Plugin("my-plugin", typeof<MyPluginProvider>, Options = typeof<MyPluginOptions>)>]
do ()
