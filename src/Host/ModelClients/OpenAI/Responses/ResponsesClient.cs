using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>Calls <c>/responses</c> of a server. Thread-safe.</summary>
internal sealed class ResponsesClient(string model, OpenAIOptions options, ModelTransport transport) : WireChatClient(model, options, transport)
{
    private const string Path = "/responses", CompactPath = "/responses/compact";

    private readonly ContentOrigin _origin = new(options);
    private readonly ResponsesRequestWriter _writer = new(model, options);

    /// <summary>Whether the model gives no encrypted reasoning, which it says only by refusing the request.</summary>
    private volatile bool _refusesEncrypted;

    /// <summary>Whether the service must not keep the conversation.</summary>
    public static bool IsUnstored(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(ServiceStorage.Property, out var store) == true && store is false;

    public override byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return CompactionItem.IsAsked(options) ? _writer.WriteCompaction(list, options!) : _writer.Write(list, options, isStreamed: true, IsUnstored(options) && !_refusesEncrypted);
    }

    protected override async Task<ModelAnswer> SendAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreamed, CancellationToken cancellationToken)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        if (CompactionItem.IsAsked(options)) return await Transport.SendAsync(CompactPath, _writer.WriteCompaction(list, options!), isStreamed: false, cancellationToken);
        var asks = IsUnstored(options) && !_refusesEncrypted;
        try
        {
            return await Transport.SendAsync(Path, _writer.Write(list, options, isStreamed, asks), isStreamed, cancellationToken);
        }
        catch (ModelException e) when (asks && e.Status == 400 && (e.Param == "include" || e.Message.Contains("ncrypted content is not supported", StringComparison.Ordinal)))
        {
            _refusesEncrypted = true;
            return await Transport.SendAsync(Path, _writer.Write(list, options, isStreamed, asksForEncrypted: false), isStreamed, cancellationToken);
        }
    }

    protected override IAnswerReader CreateReader(ChatOptions? options) => CompactionItem.IsAsked(options)
        ? new CompactionReader(_origin, Transport.Errors)
        : new ResponsesAnswerReader(_origin, Transport.Errors, isStored: !IsUnstored(options), AskedExtras.From(options));
}
