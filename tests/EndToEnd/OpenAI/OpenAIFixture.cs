using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Responses;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>A host that uses a model server, and clients of the OpenAI package that call the host.</summary>
public sealed class OpenAIFixture : IAsyncLifetime
{
    public const string Agent = "assistant";

    private readonly WorkFolder _folder = WorkFolder.CreateShipped();
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

    /// <summary>Stops the host and starts another one with the same data. The port changes, so create new clients afterwards.</summary>
    public async Task RestartAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        await StartAsync();
    }

    public OpenAIClientOptions CreateOptions() => new() { Endpoint = new Uri($"{_host.Address}/v1") };

    public OpenAIClient CreateClient() => new(new ApiKeyCredential("none"), CreateOptions());

    /// <summary>Creates a Microsoft.Extensions.AI client of chat completions.</summary>
    public IChatClient CreateChatClient(string agent = Agent) => CreateClient().GetChatClient(agent).AsIChatClient();

    public ResponsesClient CreateResponsesClient() =>
        new(new ApiKeyCredential("none"), new ResponsesClientOptions { Endpoint = new Uri($"{_host.Address}/v1") });

    /// <summary>Returns the messages of the last model request, without instructions, as <c>role: text</c>.</summary>
    public IEnumerable<string> GetLastMessages() => Model.Requests[^1].Body["messages"]!.AsArray()
        .Where(m => (string?)m!["role"] != "system")
        .Select(m => $"{m!["role"]}: {GetText(m["content"])}");

    private static string GetText(System.Text.Json.Nodes.JsonNode? content) => content switch
    {
        System.Text.Json.Nodes.JsonArray parts => string.Concat(parts.Select(p => (string?)p!["text"])),
        null => "",
        _ => content.ToString(),
    };

    private async Task StartAsync() =>
        _host = await RunningHost.StartAsync(_folder, [.. ModelVariables.Create(_model), ("Agents__assistant__Model__MaxRetries", "0"), ("Sessions__OnDisconnect", "cancel")]);
}
