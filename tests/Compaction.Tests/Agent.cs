using System.Runtime.CompilerServices;
using PluginHost.Compaction.Summaries;

namespace PluginHost.Compaction.Tests;

/// <summary>An agent with the plugin behind its history, on a model that answers and one that summarises.</summary>
internal sealed class Agent : IAsyncDisposable
{
    private readonly TestChain _chain;
    private readonly Answering _model = new();

    public Agent(CompactionOptions options, string folder)
    {
        Writer = new Summarising(this);
        Context = new TestPluginContext("compaction", folder) { ChatClient = Writer };
        Plugin = new CompactionMiddleware(options, Context);
        _chain = TestChain.Create([Plugin, new Tools(this)]);
        _chain.Contexts = [Context];
        _chain.Model = _model;
    }

    /// <summary>About 250 tokens.</summary>
    public static string Filler { get; } = new('x', 1_000);

    public static SessionKey Session => new("default", "test");

    public bool Fails { get; init; }

    public bool UsesTool { get; init; }

    public TestPluginContext Context { get; }

    public CompactionMiddleware Plugin { get; }

    public Summarising Writer { get; }

    public SummaryDatabase Database => Context.Share<SummaryDatabase>("summaries", () => throw new InvalidOperationException());

    public SummaryKey Key { get; private set; }

    public Summary? Summary => Database.Find(Key is { Source: not null } key ? key : KeyOf("test"));

    /// <summary>The messages of the last request to the model.</summary>
    public IReadOnlyList<ChatMessage> Sent => _model.Messages;

    public string Instructions => _model.Options?.Instructions ?? "";

    public Task<TestRun> RunAsync(string text)
    {
        Key = KeyOf("test");
        return _chain.RunAsync(text);
    }

    public Task<IReadOnlyDictionary<string, int>> DeleteSessionAsync() => _chain.DeleteSessionAsync();

    /// <summary>Until no summary is being written.</summary>
    public async Task WaitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!Plugin.Writer.IsIdle)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public static void CheckBalance(IReadOnlyList<ChatMessage> messages)
    {
        var contents = messages.SelectMany(m => m.Contents).ToList();
        Assert.Equal(contents.OfType<FunctionCallContent>().Select(c => c.CallId), contents.OfType<FunctionResultContent>().Select(r => r.CallId));
    }

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        await Context.DisposeAsync();
    }

    private SummaryKey KeyOf(string session) => new(new SessionKey("default", session), $"{Context.Agent} {Context.SourceId}");

    /// <summary>A tool with large results.</summary>
    private sealed class Tools(Agent agent) : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
            new(agent.UsesTool ? new ContextContribution { Tools = [AIFunctionFactory.Create(() => new string('r', 4_000), "read")] } : ContextContribution.Empty);
    }

    private sealed class Answering : IChatClient
    {
        private int _calls;

        public IReadOnlyList<ChatMessage> Messages { get; private set; } = [];

        public ChatOptions? Options { get; private set; }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            (Messages, Options) = ([.. messages], options);
            var calls = options?.Tools is { Count: > 0 } && Messages[^1].Role == ChatRole.User;
            yield return calls
                ? new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent($"call_{_calls++}", "read")]) { FinishReason = ChatFinishReason.ToolCalls }
                : new ChatResponseUpdate(ChatRole.Assistant, "ok") { FinishReason = ChatFinishReason.Stop };
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    /// <summary>Repeats the first words that users said.</summary>
    internal sealed class Summarising(Agent agent) : IChatClient
    {
        private readonly List<ModelRequest> _requests = [];

        public IReadOnlyList<ModelRequest> Requests => _requests;

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            if (agent.Fails) throw new ModelException(ModelFailure.Unreachable, "It is away.");
            List<ChatMessage> all = [.. messages];
            _requests.Add(new ModelRequest { Messages = all, Options = options });
            var said = all[1].Text.Split('\n').First(l => l.StartsWith("user: ", StringComparison.Ordinal) || l.StartsWith("they said: ", StringComparison.Ordinal));
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, $"they said: {string.Join(' ', said.Split(' ').Skip(said.StartsWith('u') ? 1 : 2).Take(2))}")));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
