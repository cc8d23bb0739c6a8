using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Responses;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>A host with a model server behind it, and the clients of the OpenAI package pointed at it.</summary>
public sealed class OpenAIFixture : IAsyncLifetime
{
    public const string Agent = "assistant";

    private readonly WorkFolder _folder = WorkFolder.Shipped();
    private FakeModel _model = null!;
    private RunningHost _host = null!;

    public FakeModel Model => _model;

    internal ApiClient Api => _host.Api;

    public async Task InitializeAsync()
    {
        _model = await FakeModel.StartAsync();
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _model.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Stops the host, and starts another one on the same data; clients have to be made anew, for it has another port.</summary>
    public async Task RestartAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        await StartAsync();
    }

    public OpenAIClientOptions Options() => new() { Endpoint = new Uri($"{_host.Address}/v1") };

    public OpenAIClient Client() => new(new ApiKeyCredential("none"), Options());

    /// <summary>The chat client of Microsoft.Extensions.AI on chat completions.</summary>
    public IChatClient Chat(string agent = Agent) => Client().GetChatClient(agent).AsIChatClient();

    public ResponsesClient Responses() =>
        new(new ApiKeyCredential("none"), new ResponsesClientOptions { Endpoint = new Uri($"{_host.Address}/v1") });

    /// <summary>What the model was sent last, without instructions, as <c>role: text</c>.</summary>
    public IEnumerable<string> LastSent() => Model.Requests[^1].Body["messages"]!.AsArray()
        .Where(m => (string?)m!["role"] != "system")
        .Select(m => $"{m!["role"]}: {Text(m["content"])}");

    private static string Text(System.Text.Json.Nodes.JsonNode? content) => content switch
    {
        System.Text.Json.Nodes.JsonArray parts => string.Concat(parts.Select(p => (string?)p!["text"])),
        null => "",
        _ => content.ToString(),
    };

    private async Task StartAsync() =>
        _host = await RunningHost.StartAsync(_folder, [.. ModelVariables.For(_model), ("Agents__assistant__Model__MaxRetries", "0"), ("Sessions__OnDisconnect", "cancel")]);
}
