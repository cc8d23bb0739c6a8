using PluginHost.ModelServer.Ollama;

namespace PluginHost.Ollama.Tests;

/// <summary>The plugin's client of one model on a server. Disposing it ends both.</summary>
internal sealed class Model : IAsyncDisposable
{
    private readonly TestPluginContext _context;

    private Model(OllamaServer server, TestPluginContext context, IChatClient client) => (Server, _context, Client) = (server, context, client);

    public OllamaServer Server { get; }

    public IChatClient Client { get; }

    public IReadOnlyList<TestLogEntry> Logs => _context.Logs;

    public static async Task<Model> StartAsync(OllamaReply[] replies, Func<OllamaOptions, OllamaOptions>? change = null, string model = "llama3.2", TimeProvider? clock = null)
    {
        var server = await OllamaServer.StartAsync(replies);
        var options = new OllamaOptions(new Uri(server.Endpoint), MaxRetries: 0);
        var context = new TestPluginContext("ollama") { Clock = clock ?? TimeProvider.System };
        var client = await new OllamaFactory(change?.Invoke(options) ?? options, context).CreateAsync(new ChatClientRequest { Agent = "assistant", Model = model }, default);
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
