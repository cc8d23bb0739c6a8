module MyPlugin.Tests.MyPluginTests

open System.Threading.Tasks
open PluginHost.Sdk.Testing
open Xunit
open MyPlugin

[<Fact>]
let ``Every request has the parameter`` () : Task =
    task {
        use chain = TestChain.Create(MyPluginMiddleware(MyPluginOptions(Temperature = 0.5)))
        chain.Model <- ScriptedModel.Say("hello")

        let! run = chain.RunAsync("hi")

        Assert.Equal(System.Nullable(0.5f), run.Requests[0].Options.Temperature)
    }
