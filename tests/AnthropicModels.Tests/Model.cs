using PluginHost.ModelServer.Anthropic;

namespace PluginHost.AnthropicModels.Tests;

/// <summary>The plugin's client of one model on a server. Disposing it ends both.</summary>
internal sealed class Model : IAsyncDisposable
{
    private readonly TestPluginContext _context;

    private Model(AnthropicServer server, TestPluginContext context, IChatClient client) => (Server, _context, Client) = (server, context, client);

    public AnthropicServer Server { get; }

    public IChatClient Client { get; }

    public IReadOnlyList<TestLogEntry> Logs => _context.Logs;

    public static async Task<Model> StartAsync(AnthropicReply[] replies, Func<AnthropicOptions, AnthropicOptions>? change = null, TimeProvider? clock = null)
    {
        var server = await AnthropicServer.StartAsync(replies);
        var options = new AnthropicOptions(new Secret(AnthropicServer.Key), new Uri(server.Endpoint), MaxRetries: 0);
        var context = new TestPluginContext("anthropic") { Clock = clock ?? TimeProvider.System };
        var client = await new AnthropicFactory(change?.Invoke(options) ?? options, context).CreateAsync(new ChatClientRequest { Agent = "assistant", Model = "claude-test" }, default);
        return new Model(server, context, client);
    }

    /// <summary>A call that fails.</summary>
    public async Task<ModelException> FailAsync(params ChatMessage[] messages) =>
        await Assert.ThrowsAsync<ModelException>(() => Client.GetResponseAsync(messages.Length > 0 ? messages : [new ChatMessage(ChatRole.User, "hi")]));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        await _context.DisposeAsync();
    }
}
