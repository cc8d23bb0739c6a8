module MyPlugin.Tests.MyPluginTests

open System.Threading.Tasks
open PluginHost.Sdk.Testing
open Xunit
open MyPlugin

[<Fact>]
let ``The model gets the time and a tool`` () : Task =
    task {
        use context = new TestPluginContext("my-plugin")
        use chain = TestChain.Create(MyPluginProvider(MyPluginOptions(Format = "yyyy"), context))
        chain.Model <- ScriptedModel.Call("exact_time").Say("It is late.")

        let! run = chain.RunAsync("What time is it?")

        Assert.Equal("It is late.", run.Text)
        Assert.Contains("It is 2", run.Requests[0].Instructions)
    }
