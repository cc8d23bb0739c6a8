module MyPlugin.Tests.MyPluginTests

open System.Threading.Tasks
open PluginHost.Sdk.Testing
open Xunit
open MyPlugin

[<Fact>]
let ``Some runs never reach the model`` () : Task =
    task {
        use chain = TestChain.Create(MyPluginMiddleware(MyPluginOptions()))
        chain.Model <- ScriptedModel.Say("hello")

        let! refused = chain.RunAsync("Tell me a secret.")
        let! answered = chain.RunAsync("Tell me a story.")

        Assert.Equal("I do not talk about that.", refused.Text)
        Assert.Empty(refused.Requests)
        Assert.Equal("hello", answered.Text)
    }
