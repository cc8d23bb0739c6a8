using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Models;

/// <summary>An <c>openai</c> client that is connected to a fake model.</summary>
internal sealed class Connection : IDisposable
{
    private readonly OpenAIChatClients _clients;

    public Connection(FakeModel server, Func<OpenAIOptions, OpenAIOptions>? change = null, params (string Name, string Value)[] environment)
        : this(server.Endpoint, change, null, environment)
    {
    }

    public Connection(
        string endpoint, Func<OpenAIOptions, OpenAIOptions>? change, TimeProvider? time, params (string Name, string Value)[] environment)
    {
        _clients = new(NullLogger<OpenAIChatClients>.Instance, time ?? TimeProvider.System,
            name => environment.FirstOrDefault(e => e.Name == name).Value);
        var options = new OpenAIOptions(endpoint, MaxRetries: 0);
        Client = _clients.Create(null, change?.Invoke(options) ?? options);
    }

    public IChatClient Client { get; }

    public Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages, bool streamed = false, ChatOptions? options = null) => streamed
        ? Client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()
        : Client.GetResponseAsync(messages, options);

    public void Dispose()
    {
        Client.Dispose();
        _clients.Dispose();
    }
}
