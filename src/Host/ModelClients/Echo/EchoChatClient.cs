using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.Echo;

/// <summary>
/// The chat client <c>echo</c>, which is the default and works offline. It answers with the text of the last user message and the
/// number of earlier messages without system messages, which shows whether the history works:
/// <c>Echo: hi (2 earlier messages)</c>. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// When the request has tools, a user message in which every line is <c>call tool</c> or <c>call tool {"argument": "value"}</c>
/// calls all of them. Results after the last user message are part of the answer:
/// <c>Echo: tool returned result (2 earlier messages)</c>. The message <c>show tools</c> is answered with the names of the tools,
/// and <c>show instructions</c> with the instructions.
/// </para>
/// <para>
/// The answer depends only on messages and options, except for its ids. It is streamed word by word. Usage counts the words of
/// instructions, texts and tool results, and of the answer; each tool call counts as one word.
/// </para>
/// </remarks>
internal sealed class EchoChatClient(EchoOptions options, TimeProvider timeProvider) : IChatClient
{
    private const string Model = "echo";
    private static readonly ChatClientMetadata Metadata = new("echo", defaultModelId: Model);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var reply = EchoReply.Create(request, options);
        var response = Guid.NewGuid().ToString("N");
        var created = timeProvider.GetUtcNow();

        foreach (var word in SplitWords(reply.Text))
        {
            await DelayAsync(cancellationToken);
            yield return CreateUpdate(new TextContent(word));
        }

        foreach (var call in reply.Calls) yield return CreateUpdate(call);

        var end = CreateUpdate(new UsageContent(CountUsage(request, options, reply)));
        end.FinishReason = reply.Calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        yield return end;

        ChatResponseUpdate CreateUpdate(AIContent content) => new(ChatRole.Assistant, [content])
        {
            ResponseId = $"echo_{response}",
            MessageId = $"msg_{response}",
            ModelId = Model,
            CreatedAt = created,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
    }

    private ValueTask DelayAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return options.DelayMilliseconds == 0
            ? default
            : new(Task.Delay(TimeSpan.FromMilliseconds(options.DelayMilliseconds), timeProvider, cancellationToken));
    }

    /// <summary>Splits a text into words with the white space after them.</summary>
    private static IEnumerable<string> SplitWords(string text)
    {
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (!char.IsWhiteSpace(text[i - 1]) || char.IsWhiteSpace(text[i])) continue;
            yield return text[start..i];
            start = i;
        }

        if (start < text.Length) yield return text[start..];
    }

    private static UsageDetails CountUsage(IReadOnlyList<ChatMessage> messages, ChatOptions? options, EchoReply reply)
    {
        var input = CountWords(options?.Instructions);
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                if (content is TextContent text) input += CountWords(text.Text);
                else if (content is FunctionResultContent result) input += CountWords(EchoReply.Format(result));
            }
        }

        var output = CountWords(reply.Text) + reply.Calls.Count;
        return new() { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    /// <summary>Counts words without allocating, because every run counts the whole window of a session.</summary>
    private static long CountWords(string? text)
    {
        long words = 0;
        var inWord = false;
        foreach (var c in text.AsSpan())
        {
            var isSpace = char.IsWhiteSpace(c);
            if (!isSpace && !inWord) words++;
            inWord = !isSpace;
        }

        return words;
    }
}
