namespace FSharpPlugin

open System.ComponentModel
open System.ComponentModel.DataAnnotations
open System.Threading.Tasks
open Microsoft.Extensions.AI
open PluginHost.Sdk

/// <summary>The options of fsharp-topic.</summary>
type TopicOptions =
    { /// <summary>What the session is about.</summary>
      [<Required>]
      Topic: string
      /// <summary>How often it is said.</summary>
      [<DefaultValue(1); Range(1, 9)>]
      Times: int }

/// <summary>A context provider that says what the session is about.</summary>
type Topic(options: TopicOptions) =
    interface IContextProvider with
        member _.ProvideAsync(_, _) =
            let text = String.replicate options.Times $"The topic is {options.Topic}. "
            ValueTask<ContextContribution>(ContextContribution(Messages = [| ChatMessage(ChatRole.User, text.Trim()) |]))

[<assembly: Plugin("fsharp-topic", typeof<Topic>, Options = typeof<TopicOptions>)>]
do ()
