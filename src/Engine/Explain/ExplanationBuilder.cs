using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;
using static PluginHost.Engine.Explain.MessageTrail;

namespace PluginHost.Engine.Explain;

/// <summary>
/// Makes an explanation of a recording: compares what went into each place with what came out. What a place in front of all histories
/// changed or removed is not kept, because no history keeps it either. For one recording.
/// </summary>
internal sealed class ExplanationBuilder(RunRecording recording, ITokenEstimate tokens, TimeProvider time)
{
    private readonly MessageTrail _trail = new(tokens);
    private readonly InstructionTrail _instructions = new(tokens);
    private readonly List<ExplainedLeftOut> _leftOut = [];
    private readonly List<ExplainedStage> _stages = [];
    private readonly Dictionary<string, RunTool> _tools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Source, string? Plugin)> _givers = new(StringComparer.Ordinal);
    private readonly HashSet<ChatMessage> _given = new(recording.Given, ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, string> _calledTools = new(StringComparer.Ordinal);
    private readonly Dictionary<AITool, JsonElement?> _schemas = new(ReferenceEqualityComparer.Instance);

    public RunExplanation Build()
    {
        FollowStages();
        List<ExplainedCall> calls = [];
        IReadOnlyList<ChatMessage> before = recording.Composed;
        foreach (var call in recording.Calls)
        {
            calls.Add(Explain(call, calls.Count + 1, before));
            before = call.Path is [{ } outermost, ..] ? outermost.Messages : call.Messages;
        }

        return new RunExplanation
        {
            RunId = recording.Run.Id,
            SessionId = recording.Run.Session.Id,
            Agent = recording.Run.Agent,
            Attempt = recording.Run.Attempt,
            StartedAt = recording.StartedAt,
            Calls = calls,
            Stages = _stages,
            ToolCalls = [.. recording.Tools.Select(Explain)],
            Parameters = CallSettings.From(recording.Parameters),
            Replay = ReplayInputBuilder.Build(recording, _trail, _instructions),
            Contents = _trail.Contents,
            Messages = _trail.Messages,
        };
    }

    private void FollowStages()
    {
        var stages = recording.Stages;
        IReadOnlyList<ChatMessage>? before = null;
        for (var i = 0; i < stages.Count; i++)
        {
            var (stage, now) = (stages[i], Flatten(stages[i]));
            if (before is null) Begin(stage, now);
            else Follow(stages[i - 1], stage, before, now);
            // The history in front of the next place stores what it gets.
            if (stage.Kind == StageKind.History) _trail.IsWithheld = false;
            before = now;
        }

        foreach (var page in recording.Pages) _leftOut.AddRange(HistoryLeftOut.Find(page, recording.Run.Id, _trail.TokensOf));
        if (stages is not [.., { } last]) return;
        foreach (var tool in last.Request.Tools) _tools.TryAdd(tool.Tool.Name, tool);
        _stages.Add(new(last.Plugin, NameOf(last.Kind), null));
        // Some contents are made anew whenever they are read.
        if (before is not null && recording.Composed.Count > 0) _trail.Follow(before, recording.Composed, null, static _ => new(PartSource.Host, null, PartState.Added));
    }

    private void Begin(PassedStage first, IReadOnlyList<ChatMessage> messages)
    {
        foreach (var message in messages) _trail.Begin(message, new(PartSource.Caller, null, PartState.New));
        foreach (var tool in first.Request.Tools) _givers.TryAdd(tool.Tool.Name, (tool.Source is null ? PartSource.Caller : PartSource.Context, tool.Source));
        _instructions.Begin(recording.AgentInstructions, first.Request.Instructions);
    }

    private void Follow(PassedStage stage, PassedStage next, IReadOnlyList<ChatMessage> before, IReadOnlyList<ChatMessage> now)
    {
        var context = new Dictionary<ChatMessage, ContextMessage>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < next.Request.Context.Count; i++) context[now[i]] = next.Request.Context[i];
        _leftOut.AddRange(_trail.Follow(before, now, stage.Plugin, FindOrigin));
        _instructions.Follow(next.Request.Instructions, SourceOf(stage.Kind), stage.Plugin, _trail.IsWithheld);
        foreach (var tool in next.Request.Tools) _givers.TryAdd(tool.Tool.Name, (SourceOf(stage.Kind), stage.Plugin));
        _stages.Add(new(stage.Plugin, NameOf(stage.Kind), Milliseconds(stage.At, next.At))
        {
            Messages = now.Count - before.Count,
            Tokens = now.Sum(_trail.TokensOf) - before.Sum(_trail.TokensOf),
            Tools = next.Request.Tools.Count - stage.Request.Tools.Count,
        });

        Origin FindOrigin(ChatMessage message) => !context.TryGetValue(message, out var given)
            ? new(PartSource.Middleware, stage.Plugin, PartState.Added)
            : given.Origin == MessageOrigin.Context
                ? new(stage.Kind == StageKind.RunMiddleware ? PartSource.Middleware : PartSource.Context, given.Source, PartState.Added)
                : new(PartSource.History, given.Source, PartState.Loaded);
    }

    private ExplainedCall Explain(RecordedCall call, int number, IReadOnlyList<ChatMessage> before)
    {
        var leftOut = new List<ExplainedLeftOut>(_leftOut);
        var instructions = _instructions.Fork();
        string? by = null;
        foreach (var passed in call.Path)
        {
            FollowTo(passed.Messages, passed.Instructions);
            (before, by) = (passed.Messages, passed.Plugin);
        }

        FollowTo(call.Messages, call.Options.Instructions);
        var tools = (call.Options.Tools ?? []).Select(tool => Explain(tool, call.Path)).ToList();
        var (answer, messages) = (call.Updates.ToChatResponse(), _trail.IndexesOf(call.Messages));
        Remember(answer.Messages);
        return new ExplainedCall
        {
            Number = number,
            Model = call.Options.ModelId ?? recording.Window?.Model,
            Settings = CallSettings.From(call.Options),
            Instructions = instructions.Parts,
            Messages = messages,
            LeftOut = leftOut,
            Tools = tools,
            Tokens = messages.Sum(i => _trail.Messages[i].Tokens) + instructions.Parts.Sum(p => p.Tokens) + tools.Sum(t => t.Tokens),
            Middleware = MiddlewareOf(call),
            BodySha256 = call.BodySha256,
            StartMs = Milliseconds(recording.Start, call.Start),
            TookMs = call.End is { } end ? Milliseconds(call.Start, end) : null,
            Answer = [.. answer.Messages.Select(m => ToJson(AsAnswered(m, call.AnsweredCalls)))],
            FinishReason = answer.FinishReason?.Value,
            AnsweredBy = answer.ModelId,
            ConversationId = answer.ConversationId,
            InputTokens = answer.Usage?.InputTokenCount,
            OutputTokens = answer.Usage?.OutputTokenCount,
            Error = call.Error is { } error ? ExplainedError.From(error) : null,
        };

        void FollowTo(IReadOnlyList<ChatMessage> now, string? text)
        {
            // The tool loop adds answers and results behind; the host joins and balances.
            leftOut.AddRange(_trail.Follow(before, now, by, message => FindOrigin(message, by)));
            instructions.Follow(text, PartSource.Middleware, by, isWithheld: false);
        }
    }

    /// <summary>The time of each place until the next one was called, and what it added.</summary>
    private List<ExplainedStage> MiddlewareOf(RecordedCall call)
    {
        var passed = new List<ExplainedStage>();
        for (var i = 0; i < call.Path.Count; i++)
        {
            if (call.Path[i] is not { Plugin: not (null or PartSource.Host) } place) continue;
            var (now, end) = i + 1 < call.Path.Count ? (call.Path[i + 1].Messages, call.Path[i + 1].At) : (call.Messages, call.Start);
            passed.Add(new(place.Plugin, "chat_middleware", Milliseconds(place.At, end))
            {
                Messages = now.Length - place.Messages.Length,
                Tokens = ReferenceEquals(now, place.Messages) ? 0 : now.Sum(_trail.TokensOf) - place.Messages.Sum(_trail.TokensOf),
            });
        }

        return passed;
    }

    private void Remember(IEnumerable<ChatMessage> answers)
    {
        foreach (var call in answers.SelectMany(m => m.Contents).OfType<FunctionCallContent>()) _calledTools[call.CallId] = call.Name;
    }

    private Origin FindOrigin(ChatMessage message, string? by)
    {
        if (_given.Contains(message)) return new(PartSource.Caller, null, PartState.New);
        if (by is not null) return new(PartSource.Middleware, by, PartState.Added);
        if (message.Role == ChatRole.Assistant)
        {
            // An answer of an earlier attempt is seen here alone.
            Remember([message]);
            return new(PartSource.Model, null, PartState.New);
        }

        if (message.Contents.OfType<FunctionResultContent>().FirstOrDefault() is not { } result || !_calledTools.TryGetValue(result.CallId, out var name))
            return new(PartSource.Host, null, PartState.Added);
        return Changed(message, new(PartSource.Tool, _tools.TryGetValue(name, out var tool) ? tool.Source : null, PartState.New));
    }

    /// <summary>The origin of a message of results, with the function middleware that changed some.</summary>
    private Origin Changed(ChatMessage message, Origin origin)
    {
        var changes = new Dictionary<AIContent, ChangedResult>(ReferenceEqualityComparer.Instance);
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
        {
            if (recording.Changes.FirstOrDefault(c => c.CallId == result.CallId && Equals(c.Result, result.Result)) is { } change) changes[result] = change;
        }

        if (changes.Count == 0) return origin;
        string[] changedBy = [.. changes.Values.SelectMany(c => c.ChangedBy).Distinct()];
        if (changes.Values.Any(c => c.Before.Count == 0)) return origin with { ChangedBy = changedBy };
        var before = message.Clone();
        before.Contents = [.. message.Contents.Select(c => changes.TryGetValue(c, out var change) ? new FunctionResultContent(change.CallId, ToolResult.From(change.Before[0])) : c)];
        var index = _trail.AddContent(before);
        // A value that was read and written again may be the same.
        return index == _trail.AddContent(message) ? origin : origin with { ChangedBy = changedBy, Before = index };
    }

    /// <summary>The answer as it came: the tool loop has marked calls since.</summary>
    private static ChatMessage AsAnswered(ChatMessage answer, IReadOnlyCollection<string> answered)
    {
        if (!answer.Contents.Any(c => c is FunctionCallContent { InformationalOnly: true } call && !answered.Contains(call.CallId))) return answer;
        var copy = MessageCloner.Clone(answer);
        foreach (var call in copy.Contents.OfType<FunctionCallContent>()) call.InformationalOnly = answered.Contains(call.CallId);
        return copy;
    }

    private ExplainedTool Explain(AITool tool, IReadOnlyList<PassedClient> path)
    {
        // As it reads after it was stored, so that its tokens are the same. Most calls have the same tools.
        if (!_schemas.TryGetValue(tool, out var schema))
            _schemas[tool] = schema = tool is AIFunctionDeclaration function ? JsonElement.Parse(CompactJson.Write(function.JsonSchema), CompactJson.AnyDepth) : default(JsonElement?);
        var (source, plugin) = _givers.TryGetValue(tool.Name, out var known) ? known : (PartSource.Middleware, FindGiver(tool.Name, path));
        return new(tool.Name, source, plugin, tool.Description, schema, tokens.Estimate(tool));
    }

    /// <summary>The last chat middleware that did not get the tool.</summary>
    private static string? FindGiver(string tool, IReadOnlyList<PassedClient> path) =>
        path.LastOrDefault(p => !p.Tools.Contains(tool)).Plugin is { } plugin and not PartSource.Host ? plugin : null;

    private ExplainedToolCall Explain(PassedTool tool) =>
        new(tool.CallId, tool.Name, tool.Plugin, Milliseconds(recording.Start, tool.Start), Milliseconds(tool.Start, tool.End))
        {
            Result = tool.Error is null ? ResultJson.From(tool.CallId, tool.Result) : null,
            Error = tool.Error?.GetType().Name,
        };

    private static IReadOnlyList<ChatMessage> Flatten(PassedStage stage) => [.. stage.Request.Context.Select(c => c.Message), .. stage.Input];

    private static string NameOf(StageKind kind) => kind == StageKind.RunMiddleware ? "run_middleware" : kind.ToString().ToLowerInvariant();

    private static string SourceOf(StageKind kind) => kind switch
    {
        StageKind.Context => PartSource.Context,
        StageKind.History => PartSource.History,
        _ => PartSource.Middleware,
    };

    private double Milliseconds(long start, long end) => Math.Round(time.GetElapsedTime(start, end).TotalMilliseconds, 3);
}
