using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.Echo;

/// <summary>
/// The chat client <c>echo</c>: offline, without a key, and the default. It answers with the text of the last user message and
/// how many messages it was given before that one, system messages aside, so that memory can be seen to work:
/// <c>Echo: hi (2 earlier messages)</c>. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// Tools can be tried with it. When tools are given, a user message whose every line is <c>call tool</c> or
/// <c>call tool {"argument": "value"}</c> makes it call them, all lines at once; results after the last user message are told
/// in the answer: <c>Echo: tool returned result (2 earlier messages)</c>. The message <c>show tools</c> is answered with the
/// names of the tools it was given, and <c>show instructions</c> with the instructions.
/// </para>
/// <para>
/// The answer depends on the messages and options alone; ids are new each time. It is streamed word by word. Usage counts
/// words, separated by white space: of the instructions and of all texts and tool results given, and of the answer; a call
/// counts as one.
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
        var given = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var reply = EchoReply.To(given, options);
        var response = Guid.NewGuid().ToString("N");
        var created = timeProvider.GetUtcNow();

        foreach (var word in Words(reply.Text))
        {
            await DelayAsync(cancellationToken);
            yield return Update(new TextContent(word));
        }

        foreach (var call in reply.Calls) yield return Update(call);

        var end = Update(new UsageContent(Count(given, options, reply)));
        end.FinishReason = reply.Calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        yield return end;

        ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content])
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

    /// <summary>The text in pieces, each a word with the white space after it.</summary>
    private static IEnumerable<string> Words(string text)
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

    private static UsageDetails Count(IReadOnlyList<ChatMessage> messages, ChatOptions? options, EchoReply reply)
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

    /// <summary>Counts in place: a session's whole window is counted in every run.</summary>
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
