namespace MyPlugin

open System.Linq
open System.Threading.Tasks
open Microsoft.Extensions.AI
open PluginHost.Sdk

/// <summary>Options of <c>my-plugin</c>.</summary>
type MyPluginOptions() =
    /// <summary>What every answer begins with.</summary>
    member val Greeting = "You said: " with get, set

type internal MyPluginClient(options: MyPluginOptions) =
    let answer (messages: ChatMessage seq) =
        options.Greeting + (messages |> Seq.tryLast |> Option.map _.Text |> Option.defaultValue "")

    interface IChatClient with
        member _.GetStreamingResponseAsync(messages, _, _) =
            [ ChatResponseUpdate(ChatRole.Assistant, answer messages) ].ToAsyncEnumerable()

        member _.GetResponseAsync(messages, _, _) =
            Task.FromResult(ChatResponse(ChatMessage(ChatRole.Assistant, answer messages)))

        member _.GetService(_, _) = null
        member _.Dispose() = ()

/// <summary>Makes clients that repeat the last message.</summary>
type MyPluginFactory(options: MyPluginOptions) =
    interface IChatClientFactory with
        member _.CreateAsync(_, _) = ValueTask<IChatClient>(new MyPluginClient(options) :> IChatClient)

[<assembly: Plugin("my-plugin", typeof<MyPluginFactory>, Options = typeof<MyPluginOptions>)>]
do ()
