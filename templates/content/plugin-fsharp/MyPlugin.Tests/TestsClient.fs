module MyPlugin.Tests.MyPluginTests

open System.Threading.Tasks
open PluginHost.Sdk.Testing
open Xunit
open MyPlugin

[<Fact>]
let ``The client answers`` () : Task =
    task {
        use chain = TestChain.Create(MyPluginFactory(MyPluginOptions(Greeting = "> ")))

        let! run = chain.RunAsync("hello")

        Assert.Equal("> hello", run.Text)
    }
