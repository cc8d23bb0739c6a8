namespace FSharpPlugin

open System
open System.Threading.Tasks
open PluginHost.Sdk

/// <summary>The options of fsharp-guard: a class whose members have defaults.</summary>
type GuardOptions() =
    /// <summary>The word that stops a run.</summary>
    member val Word = "secret" with get, set

/// <summary>A run middleware that answers itself when the input holds a word.</summary>
type Guard(options: GuardOptions, context: PluginContext) =
    interface IRunMiddleware with
        member _.InvokeAsync(request, next, cancellationToken) =
            if request.Input |> Seq.exists (fun message -> message.Text.Contains(options.Word, StringComparison.Ordinal)) then
                ValueTask<RunResponse>(RunResponse.FromText($"{context.Name} does not pass on '{options.Word}'."))
            else
                next.Invoke(request, cancellationToken)

[<assembly: Plugin("fsharp-guard", typeof<Guard>, Options = typeof<GuardOptions>)>]
do ()
