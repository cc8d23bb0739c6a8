using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.Ollama;

/// <summary>Calls one model of a server. Thread-safe.</summary>
internal sealed class OllamaChatClient(string model, OllamaOptions options, HttpClient http, ServerFailures failures)
    : StreamedChatClient(new ChatClientMetadata("ollama", options.Endpoint, model), failures)
{
    private readonly RequestWriter _writer = new(model, options, failures);

    public override void Dispose() => http.Dispose();

    protected override Func<IEnumerable<ChatMessage>, ChatOptions?, byte[]> Writer => (messages, options) => _writer.Write([.. messages], options ?? new ChatOptions());

    protected override IAsyncEnumerable<ChatResponseUpdate> Ask(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken) =>
        AskAsync(_writer.Write(messages, options), cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> AskAsync(byte[] body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/chat") { Content = content };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var reader = new AnswerReader(Failures);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) continue;
            var update = reader.Read(JsonElement.Parse(line));
            yield return update;
            if (update.FinishReason is not null) yield break;
        }
    }
}
