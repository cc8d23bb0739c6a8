module MyPlugin.Tests.MyPluginTests

open System
open System.Threading.Tasks
open Microsoft.Extensions.AI
open PluginHost.Sdk
open PluginHost.Sdk.Testing
open Xunit
open MyPlugin

type Dice() =
    interface IContextProvider with
        member _.ProvideAsync(_, _) =
            ValueTask<ContextContribution>(ContextContribution(Tools = [| AIFunctionFactory.Create(Func<string>(fun () -> "6"), "dice") |]))

[<Theory>]
[<InlineData("dice", "The tool dice is not allowed here.")>]
[<InlineData("other", "6")>]
let ``A denied tool is not called`` (denied: string) (result: string) : Task =
    task {
        use context = new TestPluginContext("my-plugin")
        use chain = TestChain.Create(MyPluginMiddleware(MyPluginOptions(Denied = [| denied |]), context), Dice())
        chain.Model <- ScriptedModel.Call("dice").Say("done")

        let! run = chain.RunAsync("Roll the dice.")

        let answer = Seq.last(run.Requests[1].Messages).Contents |> Seq.pick (function :? FunctionResultContent as r -> Some r | _ -> None)
        Assert.Equal(result, string answer.Result)
    }
