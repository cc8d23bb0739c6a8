using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace PluginHost.Sdk.Testing;

/// <summary>Begins a script of a model.</summary>
public static class ScriptedModel
{
    /// <summary>A model that answers with text first, in one or more pieces.</summary>
    public static ModelScript Say(params string[] pieces) => new ModelScript().Say(pieces);

    /// <summary>A model that calls a tool first.</summary>
    /// <param name="tool">The tool's name.</param>
    /// <param name="arguments">Its arguments by name; null for none.</param>
    public static ModelScript Call(string tool, IReadOnlyDictionary<string, object?>? arguments = null) => new ModelScript().Call(tool, arguments);

    /// <summary>A model whose first call fails.</summary>
    /// <param name="exception">What it throws; null for an <see cref="HttpRequestException"/>.</param>
    public static ModelScript Fail(Exception? exception = null) => new ModelScript().Fail(exception);
}

/// <summary>One request to the model, as it was sent.</summary>
public sealed record ModelRequest
{
    /// <summary>The messages, instructions among them as the client gets them in <see cref="Options"/>.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The options; null when none were sent.</summary>
    public ChatOptions? Options { get; init; }

    /// <summary>The instructions; null when there were none.</summary>
    public string? Instructions => Options?.Instructions;

    /// <summary>The tools that the model could call.</summary>
    public IReadOnlyList<AITool> Tools => [.. Options?.Tools ?? []];
}

/// <summary>
/// A model that follows a script: one step for each call of the client, and the last step again when all are used. Thread-safe.
/// </summary>
public sealed class ModelScript : IChatClient
{
    private readonly List<Func<int, IEnumerable<ChatResponseUpdate>>> _steps = [];
    private readonly ConcurrentQueue<ModelRequest> _requests = new();
    private int _calls;

    internal ModelScript()
    {
    }

    /// <summary>What the model was sent, call by call.</summary>
    public IReadOnlyList<ModelRequest> Requests => [.. _requests];

    /// <summary>The next call answers with text, in one or more pieces.</summary>
    public ModelScript Say(params string[] pieces) =>
        Add(call => pieces.Select(piece => new ChatResponseUpdate(ChatRole.Assistant, piece) { MessageId = $"message-{call}" }));

    /// <summary>The next call calls a tool. The call after it gets the result.</summary>
    /// <param name="tool">The tool's name.</param>
    /// <param name="arguments">Its arguments by name; null for none.</param>
    public ModelScript Call(string tool, IReadOnlyDictionary<string, object?>? arguments = null) => Add(call =>
    {
        var content = new FunctionCallContent($"call-{call}", tool, new Dictionary<string, object?>(arguments ?? new Dictionary<string, object?>()));
        return [new ChatResponseUpdate(ChatRole.Assistant, [content]) { MessageId = $"message-{call}", FinishReason = ChatFinishReason.ToolCalls }];
    });

    /// <summary>The next call fails.</summary>
    /// <param name="exception">What it throws; null for an <see cref="HttpRequestException"/>.</param>
    public ModelScript Fail(Exception? exception = null) => Add(_ => throw exception ?? new HttpRequestException("The scripted model failed."));

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _requests.Enqueue(new() { Messages = [.. messages], Options = options });
        var call = Interlocked.Increment(ref _calls);
        Func<int, IEnumerable<ChatResponseUpdate>> step;
        lock (_steps) step = _steps[Math.Min(call, _steps.Count) - 1];
        foreach (var update in step(call))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return update;
            await Task.Yield();
        }
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private ModelScript Add(Func<int, IEnumerable<ChatResponseUpdate>> step)
    {
        lock (_steps) _steps.Add(step);
        return this;
    }
}
