namespace MyPlugin

open System
open System.Threading.Tasks
open PluginHost.Sdk

/// <summary>Options of <c>my-plugin</c>.</summary>
type MyPluginOptions() =
    /// <summary>Runs whose input has this word are answered without the model.</summary>
    member val Forbidden = "secret" with get, set

/// <summary>Answers some runs itself.</summary>
type MyPluginMiddleware(options: MyPluginOptions) =
    interface IRunMiddleware with
        member _.InvokeAsync(request, next, cancellationToken) =
            if request.Input |> Seq.exists (fun m -> m.Text.Contains(options.Forbidden, StringComparison.OrdinalIgnoreCase)) then
                ValueTask<RunResponse>(RunResponse.FromText("I do not talk about that."))
            else
                next.Invoke(request, cancellationToken)

[<assembly: Plugin("my-plugin", typeof<MyPluginMiddleware>, Options = typeof<MyPluginOptions>)>]
do ()
