using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Chat;

/// <summary>Turns the events of a run into chunks of one choice, in the order that clients rely on: the role first, the finish reason last.</summary>
internal sealed class ChatStreamMapper(RunRecord run, ChatRequest request, Func<RunRecord, Problem?> failureOf) : IRunEventMapper
{
    private static readonly HashSet<string> NoTools = [];

    private readonly long _created = ChatAnswer.CreatedOf(run);
    private readonly HashSet<string> _callersTools = request.Tools.Count == 0 ? NoTools : [.. request.Tools.Select(t => t.Name)];
    private readonly HashSet<string> _calls = [];
    private readonly List<SseEvent> _events = [];
    private readonly OutputPosition _position = new();
    private bool _hasBegun;
    private int _textMessage = -1;
    private (string Member, int Message)? _reasoning;
    private bool _isSeparate;
    private JsonElement? _tokens;
    private TextTemplate? _text;

    public IReadOnlyList<SseEvent> Map(RunEvent happened)
    {
        _events.Clear();
        if (happened is RunEvent.Updated updated) AddUpdate(updated.Update);
        else if (happened is RunEvent.Ended ended) AddEnd(ended.Run);
        return _events;
    }

    private void AddUpdate(ChatResponseUpdate update)
    {
        _position.MoveTo(update);
        // The results of the host's own tools have another role.
        if (update.Role is { } role && role != ChatRole.Assistant) return;
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (WireAnswer.GetLogProbabilities(update.Contents[i]) is { } tokens) AddTokens(tokens);
            else if (WireAnswer.GetChoice(update.Contents[i]) is { } choice) AddChoice(choice);
            else if (update.Contents[i] is TextContent { Text.Length: > 0 } text) AddPiece(text.Text);
            else if (update.Contents[i] is TextReasoningContent { Text.Length: > 0 } reasoning) AddReasoning(reasoning, _position.Message);
            else if (update.Contents[i] is ErrorContent error && RefusalContent.IsRefusal(error)) AddRefusal(error.Message);
            else if (update.Contents[i] is FunctionCallContent call && _callersTools.Contains(call.Name)) AddCall(call);
            else AddBeside(update.Contents[i]);
        }
    }

    /// <summary>Tokens belong to the piece that follows.</summary>
    private void AddTokens(JsonElement tokens)
    {
        if (_tokens is not null) AddDelta(new ChatDelta());
        _tokens = LogProbabilities.Join([tokens]);
    }

    private void AddChoice(JsonElement sent)
    {
        if (ChoiceFold.Read(sent) is not { } piece) return;
        Begin("");
        AddChunk([piece with { LogProbabilities = piece.LogProbabilities is { } tokens ? LogProbabilities.Join([tokens]) : null }], null);
    }

    /// <summary>A piece of the reasoning before a message, apart from that before an earlier one.</summary>
    private void AddReasoning(TextReasoningContent reasoning, int message)
    {
        Begin(null);
        var member = BesideContent.MemberOf(reasoning);
        var text = _reasoning is { } last && last.Member == member && (_isSeparate || last.Message != message) ? ChatAnswer.Separator + reasoning.Text : reasoning.Text;
        (_reasoning, _isSeparate) = ((member, message), false);
        AddDelta(member switch
        {
            BesideContent.Short => new ChatDelta { Reasoning = text },
            BesideContent.Part => new ChatDelta { Thinking = text },
            _ => new ChatDelta { ReasoningContent = text },
        });
    }

    private void AddBeside(AIContent content)
    {
        if (content is FunctionCallContent or TextContent or TextReasoningContent) return;
        _isSeparate |= OutputItems.IsBoundary(content);
        var (extra, details, others, annotations) =
            (BesideContent.ExtraOf(content), BesideContent.DetailsOf(content), BesideContent.OthersOf(content), BesideContent.AnnotationsOf(content).ToList());
        if (extra is null && details is null && others is null && annotations.Count == 0) return;
        Begin(null);
        AddDelta(new ChatDelta { ExtraContent = extra, ReasoningDetails = details, Members = others, Annotations = annotations.Count == 0 ? null : annotations });
    }

    /// <summary>A piece of the text of a message, apart from the text of an earlier one.</summary>
    private void AddPiece(string text)
    {
        if (_textMessage >= 0 && _textMessage != _position.Message) AddText(ChatAnswer.Separator);
        _textMessage = _position.Message;
        AddText(text);
    }

    private void AddEnd(RunRecord ended)
    {
        if (failureOf(ended) is { } failure)
        {
            // Without an end mark, so that half an answer does not look like a whole one.
            _events.Add(new SseEvent(0, null, new ErrorBody(MappedError.From(failure).Error), WireJson.Default.ErrorBody) { Failure = failure });
            return;
        }

        // A run that ended before the request has no updates any more, but its record has their content.
        if (!_hasBegun) AddOutput(ended);
        // A call of a tool that the caller did not declare is the caller's only if no plugin answered it.
        foreach (var call in CallerCalls.Find(ended)) AddCall(call);
        Begin("");
        AddDelta(new ChatDelta(), ChatAnswer.FinishReasonOf(ended));
        if (request.IncludeUsage && ChatAnswer.UsageOf(ended) is { } usage) AddChunk([], usage);
        _events.Add(new SseEvent(0, null, "[DONE]", null));
    }

    private void AddOutput(RunRecord ended)
    {
        if (LogProbabilities.Join([.. ChatAnswer.AssistantContents(ended).Select(WireAnswer.GetLogProbabilities).OfType<JsonElement>()]) is { } tokens) AddTokens(tokens);
        for (var i = 0; i < ended.Output.Count; i++)
        {
            if (ended.Output[i].Role != ChatRole.Assistant) continue;
            _isSeparate = false;
            foreach (var content in ended.Output[i].Contents)
            {
                if (content is TextReasoningContent { Text.Length: > 0 } reasoning) AddReasoning(reasoning, i);
                else _isSeparate |= OutputItems.IsBoundary(content);
            }
        }

        if (ChatAnswer.TextOf(ended) is { Length: > 0 } text) AddText(text);
        if (ChatAnswer.RefusalOf(ended) is { } refusal) AddRefusal(refusal);
        foreach (var content in ChatAnswer.AssistantContents(ended))
        {
            if (WireAnswer.GetChoice(content) is { } choice) AddChoice(choice);
            else AddBeside(content);
        }
    }

    private void AddText(string text)
    {
        Begin("");
        if (_tokens is not null) AddDelta(new ChatDelta { Content = text });
        else _events.Add(new SseEvent(0, null, new TextEvent(_text ??= CreateText(), text), null));
    }

    /// <summary>What all pieces of text without tokens have.</summary>
    private TextTemplate CreateText() =>
        TextTemplate.From(ChunkOf([new ChatChunkChoice(0, new ChatDelta { Content = "" }, null)], null), WireJson.Default.ChatChunk, "\"content\":"u8);

    private void AddRefusal(string text)
    {
        Begin(null);
        AddDelta(new ChatDelta { Refusal = text });
    }

    /// <summary>A call that was not sent before: its head, then its arguments.</summary>
    private void AddCall(FunctionCallContent call)
    {
        var index = _calls.Count;
        if (!_calls.Add(call.CallId)) return;
        Begin(null);
        if (WireContent.IsCustom(call))
        {
            AddPiece(new(index) { Id = call.CallId, Type = ChatAnswer.Custom, Custom = new("") { Name = call.Name } });
            AddPiece(new(index) { Custom = new(CallArguments.ToCustomInput(call)) });
            return;
        }

        AddPiece(new(index) { Id = call.CallId, Type = ChatAnswer.Function, Function = new("") { Name = call.Name }, ExtraContent = BesideContent.ExtraOf(call) });
        AddPiece(new(index) { Function = new(CallArguments.ToText(call)) });

        void AddPiece(ChatToolCallDelta piece) => AddDelta(new ChatDelta { ToolCalls = [piece] });
    }

    private void Begin(string? content)
    {
        if (_hasBegun) return;
        _hasBegun = true;
        AddDelta(new ChatDelta { Role = ChatAnswer.Assistant, Content = content });
    }

    private void AddDelta(ChatDelta delta, string? reason = null)
    {
        // The first chunk has the role alone.
        var tokens = delta.Role is null ? _tokens : null;
        if (delta.Role is null) _tokens = null;
        AddChunk([new ChatChunkChoice(0, delta, reason) { LogProbabilities = tokens }], null);
    }

    private void AddChunk(IReadOnlyList<ChatChunkChoice> choices, ChatUsage? usage) =>
        _events.Add(new SseEvent(0, null, ChunkOf(choices, usage), WireJson.Default.ChatChunk));

    private ChatChunk ChunkOf(IReadOnlyList<ChatChunkChoice> choices, ChatUsage? usage) =>
        new(run.Id, "chat.completion.chunk", _created, run.Agent, choices) { Usage = usage };
}
