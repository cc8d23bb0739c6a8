using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Calls <c>/chat/completions</c> of a server. Thread-safe.</summary>
internal sealed class ChatCompletionsClient(string model, OpenAIOptions options, ModelTransport transport) : WireChatClient(model, options, transport)
{
    private readonly ContentOrigin _origin = new(options);
    private readonly ChatRequestWriter _writer = new(model, options);

    public override byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options) => _writer.Write(messages, options, isStreamed: true);

    protected override Task<ModelAnswer> SendAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreamed, CancellationToken cancellationToken) =>
        Transport.SendAsync("/chat/completions", _writer.Write(messages, options, isStreamed), isStreamed, cancellationToken);

    protected override IAnswerReader CreateReader(ChatOptions? options) => new ChatAnswerReader(_origin, ToolDeclaration.CustomNames(options), Transport.Errors, AskedExtras.From(options));
}
