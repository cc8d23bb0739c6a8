using PluginHost.ModelServer.Anthropic;
using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.AnthropicModels.Tests;

/// <summary>The rules of the SDK for chat clients.</summary>
public sealed class ConformanceTests
{
    [Fact]
    public async Task It_keeps_the_rules_of_chat_clients()
    {
        await using var server = await AnthropicServer.StartAsync();
        var suite = ConformanceSuite.Create("anthropic", context => new WithModel(new AnthropicFactory(new AnthropicOptions(new Secret(AnthropicServer.Key), new Uri(server.Endpoint)), context)));

        Assert.NotEmpty(suite.Cases);
        foreach (var name in suite.Cases) await suite.RunAsync(name);
    }

    [Fact]
    public async Task An_agent_without_a_model_is_refused_at_the_start()
    {
        await using var context = new TestPluginContext("anthropic");

        var error = await Assert.ThrowsAsync<ArgumentException>(async () =>
            await new AnthropicFactory(new AnthropicOptions(new Secret("key")), context).CreateAsync(new ChatClientRequest { Agent = "assistant" }, default));

        Assert.Contains("needs Model:Model", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The suite names no model.</summary>
    private sealed class WithModel(IChatClientFactory inner) : IChatClientFactory
    {
        public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken) => inner.CreateAsync(request with { Model = "claude-test" }, cancellationToken);
    }
}
