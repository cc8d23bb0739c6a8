using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

[assembly: Plugin("asking", typeof(MisbehavingPlugin.Asking), Options = typeof(MisbehavingPlugin.AskingOptions))]

namespace MisbehavingPlugin;

/// <param name="Agent">The agent whose model is asked.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Streams">Whether the answer is streamed.</param>
/// <param name="IgnoresToken">Whether the calls do not get the token of the run.</param>
/// <param name="Embeds">Whether embeddings of the input are the answer.</param>
/// <param name="InConstructor">Whether the model is already asked in the constructor.</param>
public sealed record AskingOptions(string? Agent = null, string? Model = null, bool Streams = false, bool IgnoresToken = false, bool Embeds = false, bool InConstructor = false);

/// <summary>Asks a model about the input, gives its answer as instructions, and keeps it for the run.</summary>
public sealed class Asking : IContextProvider, IPluginLifecycle
{
    private readonly AskingOptions _options;
    private readonly PluginContext _context;
    private readonly IChatClient _model;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _embeddings;

    public Asking(AskingOptions options, PluginContext context)
    {
        (_options, _context) = (options, context);
        _model = context.GetChatClient(new ModelReference { Agent = options.Agent, Model = options.Model });
        _embeddings = context.GetEmbeddings(new ModelReference { Agent = options.Agent, Model = options.Model });
        if (options.InConstructor) _model.GetResponseAsync("too early").GetAwaiter().GetResult();
    }

    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var token = _options.IgnoresToken ? CancellationToken.None : cancellationToken;
        var question = $"What is this about? {request.Input[^1].Text}";
        var answer = _options.Embeds
            ? (await _embeddings.GenerateAsync(question, cancellationToken: token)).Vector.Length.ToString()
            : _options.Streams
            ? (await _model.GetStreamingResponseAsync(question, cancellationToken: token).ToChatResponseAsync(token)).Text
            : (await _model.GetResponseAsync(question, cancellationToken: token)).Text;
        _context.GetRunItem(request, () => new Note(_context.Logger)).Text = answer;
        return new ContextContribution { Instructions = $"It is about {answer}" };
    }

    public ValueTask ObserveAsync(RunRequest request, RunResult result, CancellationToken cancellationToken)
    {
        _context.Logger.LogInformation("{Source} noted '{Text}'.", _context.SourceId, _context.GetRunItem(request, () => new Note(_context.Logger)).Text);
        return default;
    }

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _context.Stopping.Register(() => _context.Logger.LogInformation("{Source} ends its background work.", _context.SourceId));
        return default;
    }

    public ValueTask StopAsync(CancellationToken cancellationToken)
    {
        _context.Logger.LogInformation("{Source} stops, told before: {Told}.", _context.SourceId, _context.Stopping.IsCancellationRequested);
        return default;
    }

    private sealed class Note(ILogger logger) : IAsyncDisposable
    {
        public string? Text { get; set; }

        public ValueTask DisposeAsync()
        {
            logger.LogInformation("The note '{Text}' was disposed.", Text);
            return default;
        }
    }
}
