using PluginHost.ModelServer.Ollama;
using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Ollama.Tests;

/// <summary>The rules of the SDK for chat clients.</summary>
public sealed class ConformanceTests
{
    [Fact]
    public async Task It_keeps_the_rules_of_chat_clients()
    {
        await using var server = await OllamaServer.StartAsync();
        var suite = ConformanceSuite.Create("ollama", context => new WithModel(new OllamaFactory(new OllamaOptions(new Uri(server.Endpoint)), context)));

        Assert.NotEmpty(suite.Cases);
        foreach (var name in suite.Cases) await suite.RunAsync(name);
    }

    [Fact]
    public async Task An_agent_without_a_model_is_refused_at_the_start()
    {
        await using var context = new TestPluginContext("ollama");

        var error = await Assert.ThrowsAsync<ArgumentException>(async () =>
            await new OllamaFactory(new OllamaOptions(new Uri("http://localhost:11434")), context).CreateAsync(new ChatClientRequest { Agent = "assistant" }, default));

        Assert.Contains("needs Model:Model", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The suite names no model.</summary>
    private sealed class WithModel(IChatClientFactory inner) : IChatClientFactory
    {
        public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken) => inner.CreateAsync(request with { Model = "llama3.2" }, cancellationToken);
    }
}
