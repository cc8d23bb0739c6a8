using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>Gives a run what a recorded one was given, instead of histories, context providers and tools. For one run.</summary>
internal sealed class RunReplay
{
    private readonly RunExplanation _recorded;
    private readonly ReplayInput _input;
    private readonly Dictionary<string, Queue<ExplainedToolCall>> _results;

    public RunReplay(RunExplanation recorded, ReplayInput input)
    {
        (_recorded, _input) = (recorded, input);
        // Some models number their calls from the start in every message.
        _results = recorded.ToolCalls.GroupBy(c => c.CallId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new Queue<ExplainedToolCall>(g), StringComparer.Ordinal);
    }

    /// <summary>The messages of the input.</summary>
    public IReadOnlyList<ChatMessage> Input => [.. _input.Input.Select(Read)];

    /// <summary>What the history of a plugin gave; when the recorded run loaded one history, another plugin's gives the same.</summary>
    /// <returns>Null when the run loaded none.</returns>
    public Page<HistoryMessage>? FindPage(string plugin)
    {
        var page = _input.Pages.FirstOrDefault(p => p.Plugin == plugin) ?? (_input.Pages is [var only] ? only : null);
        return page is null ? null : new Page<HistoryMessage> { Items = [.. page.Messages.Select(Read)], HasMore = page.HasMore };
    }

    /// <summary>What a context provider gave, when it had the same build and the same options.</summary>
    public ContextContribution? FindContribution(string plugin, string fingerprint)
    {
        if (_input.Contributions.FirstOrDefault(c => c.Plugin == plugin && c.Fingerprint == fingerprint) is not { } given) return null;
        return new ContextContribution
        {
            Messages = [.. given.Messages.Select(Read)],
            Instructions = given.Instructions,
            Tools = [.. given.Tools.Select(RecordedTool.FromJson)],
        };
    }

    /// <summary>What a run middleware passed on, when it had the same build and the same options and got the same messages.</summary>
    /// <param name="plugin">Its source id.</param>
    /// <param name="fingerprint">Its build and options.</param>
    /// <param name="request">What it would get.</param>
    /// <param name="input">The input of that, without copies.</param>
    public RunRequest? FindPassed(string plugin, string fingerprint, RunRequest request, IReadOnlyList<ChatMessage> input)
    {
        if (_input.Passed?.FirstOrDefault(p => p.Plugin == plugin && p.Fingerprint == fingerprint) is not { } passed || !passed.IsFor(request, input)) return null;
        return request with
        {
            Context = passed.Context is null ? request.Context : [.. passed.Context.Select(m => m.From is { } index ? request.Context[index] : Read(m))],
            Input = passed.Input is null ? request.Input : [.. passed.Input.Select(Read)],
            Instructions = passed.AddedInstructions is null ? request.Instructions : request.Instructions + passed.AddedInstructions,
        };
    }

    /// <summary>What a tool returned.</summary>
    /// <exception cref="InvalidOperationException">It failed, or was not called.</exception>
    public object? ResultOf(string callId)
    {
        ExplainedToolCall? call = null;
        lock (_results)
        {
            if (_results.TryGetValue(callId, out var queue)) queue.TryDequeue(out call);
        }

        if (call?.Result is not { } result) throw new InvalidOperationException(call?.Error ?? "The recorded run has no result of the call.");
        return result.Deserialize(ChatJson.Content) is FunctionResultContent content ? ToolResult.From(content.Result) : null;
    }

    /// <summary>The messages of a recorded answer.</summary>
    public static IReadOnlyList<ChatMessage> AnswerOf(ExplainedCall call) => [.. call.Answer.Select(Read)];

    private static ChatMessage Read(JsonElement message) => message.Deserialize(ChatJson.Message)!;

    private ChatMessage Read(int content) => Read(_recorded.Contents[content]);

    private ContextMessage Read(ReplayPassedMessage message) =>
        new() { Message = Read(message.Content), Source = message.Source!, Origin = message.Origin, Id = message.Id, IsKept = message.IsKept };

    private HistoryMessage Read(ReplayMessage message) => new()
    {
        Id = message.Id,
        Origin = message.Origin,
        Message = Read(message.Content),
        Source = message.Source,
        RunId = message.RunId,
        CreatedAt = message.CreatedAt,
    };
}
