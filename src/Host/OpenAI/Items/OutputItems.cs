using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Streaming;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// Cuts the output of a run into items: adjacent text and refusals of one message, each call of a tool of the caller, and reasoning.
/// Calls that the host answers itself are no items; they only end the one before. Streamed updates and stored messages give the
/// same items.
/// </summary>
/// <param name="isCallers">Whether a call is one of the caller's.</param>
/// <param name="sink">Receives the items.</param>
internal sealed class OutputItems(Func<FunctionCallContent, bool> isCallers, IOutputSink sink)
{
    private readonly OutputPosition _position = new();
    private readonly List<AIContent> _beside = [];
    private int _message = -1;
    private bool _isOpen;

    public void Add(ChatResponseUpdate update)
    {
        _position.MoveTo(update);
        if (_position.Message != _message) EndMessage();
        _message = _position.Message;
        // Input that the run was given while it was in progress is no item of its output.
        if (update.Role == ChatRole.User) return;
        CallNotes.Collect(update.Contents, isCallers, _beside);
        for (var i = 0; i < update.Contents.Count; i++) Add(update.Contents[i]);
    }

    public void Add(ChatMessage message)
    {
        EndMessage();
        if (message.Role == ChatRole.User) return;
        CallNotes.Collect(message.Contents, isCallers, _beside);
        for (var i = 0; i < message.Contents.Count; i++) Add(message.Contents[i]);
    }

    public void Close()
    {
        if (_isOpen) sink.Close();
        _isOpen = false;
    }

    /// <summary>Whether a content only separates two parts of reasoning.</summary>
    public static bool IsBoundary(AIContent content) => content.GetType() == typeof(AIContent) && content.AdditionalProperties is not { Count: > 0 };

    private void EndMessage()
    {
        Close();
        _beside.Clear();
    }

    /// <summary>What the model's server needs back comes before the first call of a message.</summary>
    private void AddCall(FunctionCallContent call)
    {
        if (CallNotes.Create(_beside) is { } note) sink.AddNote(note);
        _beside.Clear();
        sink.AddCall(call);
    }

    private void Add(AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 }:
            case ErrorContent { ErrorCode: RefusalContent.Code, Message.Length: > 0 }:
            case TextReasoningContent { Text.Length: > 0 } or TextReasoningContent { ProtectedData.Length: > 0 }:
                if (_isOpen && !sink.Continues(content)) Close();
                _isOpen = true;
                sink.Add(content);
                break;
            case { } when WireAnswer.GetLogProbabilities(content) is { } tokens:
                sink.AddTokens(tokens);
                break;
            case { } when IncompleteMark.Is(content):
                if (_isOpen) sink.Cut();
                Close();
                break;
            case FunctionCallContent call:
                Close();
                if (isCallers(call)) AddCall(call);
                break;
            case ToolApprovalRequestContent request:
                Close();
                sink.AddApproval(request);
                break;
            case { } when WireItem.Is(content):
                Close();
                sink.AddHosted(content);
                break;
            case { } when WireItem.FindAnnotations(content) is { } annotations && _isOpen:
                sink.Annotate(annotations);
                break;
            case { } when _isOpen && BesideContent.ListOf(content, "annotations") is { } cited:
                sink.Annotate(Annotations.ToItems(cited));
                break;
            case { } when IsBoundary(content) && _isOpen:
                sink.Separate();
                break;
        }
    }
}

/// <summary>Takes the items of an output.</summary>
internal interface IOutputSink
{
    /// <summary>Whether a content belongs to the item that is open.</summary>
    bool Continues(AIContent content);

    /// <summary>Text, a refusal or reasoning: for the open item, or for a new one when none is open.</summary>
    void Add(AIContent content);

    /// <summary>How likely the tokens of the text that follows are.</summary>
    void AddTokens(JsonElement tokens);

    /// <summary>A call of a tool of the caller: a separate item.</summary>
    void AddCall(FunctionCallContent call);

    /// <summary>What the model's server needs back with the calls that follow: a separate item.</summary>
    void AddNote(AIContent note);

    /// <summary>A request for the approval of a call: a separate item.</summary>
    void AddApproval(ToolApprovalRequestContent request);

    /// <summary>An item that passes as it is.</summary>
    void AddHosted(AIContent item);

    /// <summary>The places that the last text of the open item refers to.</summary>
    void Annotate(JsonElement annotations);

    /// <summary>The next piece of reasoning is another part of the open item.</summary>
    void Separate();

    /// <summary>The open item is incomplete, because another one begins it anew.</summary>
    void Cut();

    /// <summary>The open item ends.</summary>
    void Close();
}
