using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.Ollama;

/// <summary>Calls one model of a server. Always streams, so that silence is noticed. Thread-safe.</summary>
internal sealed class OllamaChatClient(string model, OllamaOptions options, HttpClient http, ServerFailures failures) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("ollama", options.Endpoint, model);
    private readonly RequestWriter _writer = new(model, options, failures);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        WholeAnswer.ReadAsync(AskAsync(_writer.Write([.. messages], options ?? new ChatOptions()), cancellationToken), failures, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => http.Dispose();

    private async IAsyncEnumerable<ChatResponseUpdate> AskAsync(byte[] body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/chat") { Content = content };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var reader = new AnswerReader(failures);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) continue;
            var update = reader.Read(JsonElement.Parse(line));
            yield return update;
            if (update.FinishReason is not null) yield break;
        }
    }
}
