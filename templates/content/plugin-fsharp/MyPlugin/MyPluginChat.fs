namespace MyPlugin

open System.Threading.Tasks
open Microsoft.Extensions.AI
open PluginHost.Sdk

/// <summary>Options of <c>my-plugin</c>.</summary>
type MyPluginOptions() =
    /// <summary>The sampling temperature of every request.</summary>
    member val Temperature = 0.2 with get, set

type internal MyPluginClient(inner: IChatClient, options: MyPluginOptions) =
    inherit DelegatingChatClient(inner)

    let change (given: ChatOptions) =
        let changed = if isNull given then ChatOptions() else given.Clone()
        changed.Temperature <- System.Nullable(float32 options.Temperature)
        changed

    // The host calls this method alone. A test or another client may call the other one.
    override _.GetStreamingResponseAsync(messages, chatOptions, cancellationToken) =
        base.GetStreamingResponseAsync(messages, change chatOptions, cancellationToken)

    override _.GetResponseAsync(messages, chatOptions, cancellationToken) =
        base.GetResponseAsync(messages, change chatOptions, cancellationToken)

/// <summary>Sets a parameter of every request to the model.</summary>
type MyPluginMiddleware(options: MyPluginOptions) =
    interface IChatMiddleware with
        member _.WrapAsync(inner, _, _) = ValueTask<IChatClient>(new MyPluginClient(inner, options) :> IChatClient)

[<assembly: Plugin("my-plugin", typeof<MyPluginMiddleware>, Options = typeof<MyPluginOptions>)>]
do ()
