namespace PluginHost.Mcp.Tests;

/// <summary>An agent with the plugin in its chain, and a model that calls tools from a script.</summary>
internal sealed class Agent : IAsyncDisposable
{
    private readonly TestPluginContext _context;
    private readonly TestChain _chain;
    private readonly Queue<(string Tool, Dictionary<string, object?> Arguments)> _calls = new();

    private Agent(McpOptions options, TimeProvider? clock)
    {
        _context = new TestPluginContext("mcp") { Clock = clock ?? TimeProvider.System };
        Provider = new McpProvider(options, _context);
        _chain = TestChain.Create(Provider);
        _chain.Contexts = [_context];
        _chain.Model = new CallingModel(_calls);
    }

    public McpProvider Provider { get; }

    public IReadOnlyList<TestLogEntry> Logs => _context.Logs;

    /// <summary>What failed in the last run that called a tool.</summary>
    public IReadOnlyList<string> LastErrors { get; private set; } = [];

    public static Agent Create(McpServerOptions server, Func<McpOptions, McpOptions>? change = null, TimeProvider? clock = null)
    {
        var options = new McpOptions(Servers.One(server));
        return new Agent(change?.Invoke(options) ?? options, clock);
    }

    public static Agent Create(McpOptions options) => new(options, clock: null);

    /// <summary>A run in which the model calls a tool.</summary>
    /// <returns>What the model got back.</returns>
    public async Task<object?> CallAsync(string tool, object? arguments = null, string session = "test", CancellationToken cancellationToken = default)
    {
        var values = arguments?.GetType().GetProperties().ToDictionary(p => p.Name, p => p.GetValue(arguments)) ?? [];
        lock (_calls) _calls.Enqueue((tool, values));
        var run = await _chain.RunAsync("Go.", session: session, cancellationToken: cancellationToken);
        LastErrors = [.. run.Spans.Where(s => s.ErrorType is not null).Select(s => $"{s.Name} {s.Tool}: {s.ErrorType}")];
        return run.Stored.SelectMany(m => m.Contents).OfType<FunctionResultContent>().LastOrDefault()?.Result;
    }

    public async Task<string> TextOfAsync(string tool, object? arguments = null, string session = "test") => $"{await CallAsync(tool, arguments, session)}";

    /// <summary>A run without a call.</summary>
    public async Task<(IReadOnlyList<AITool> Tools, string? Instructions, TestRun Run)> LookAsync()
    {
        var run = await _chain.RunAsync("Look.");
        var request = ((CallingModel)_chain.Model!).Last!;
        return ([.. request.Tools ?? []], request.Instructions, run);
    }

    public async Task<bool> HasToolAsync(string name) => (await LookAsync()).Tools.Any(t => t.Name == name);

    public Task<IReadOnlyDictionary<string, int>> DeleteSessionAsync(string session) => _chain.DeleteSessionAsync(session);

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        await _context.DisposeAsync();
    }

    /// <summary>Calls the next tool of the queue, once in a run, and then answers.</summary>
    private sealed class CallingModel(Queue<(string Tool, Dictionary<string, object?> Arguments)> calls) : IChatClient
    {
        public ChatOptions? Last { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            Last = options;
            (string Tool, Dictionary<string, object?> Arguments)? next = null;
            lock (calls)
            {
                if (calls.Count > 0) next = calls.Dequeue();
            }

            if (next is { } call) yield return new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent(Guid.NewGuid().ToString("N"), call.Tool, call.Arguments)]);
            else yield return new ChatResponseUpdate(ChatRole.Assistant, "done");
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
