using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// Delivers what a later attempt of a run puts out, without what earlier attempts have delivered: the same beginning is left out, and text
/// continues where it ended. Where the new output differs, the message that was begun is marked as incomplete, its calls get an answer, and
/// the new message is delivered whole. For one flow.
/// </summary>
/// <param name="updates">What was delivered.</param>
/// <param name="wasLeft">Whether nothing that was delivered is missing, because the last process left the run in order.</param>
/// <param name="attempt">The attempt, for ids of messages that begin anew.</param>
/// <param name="deliver">Delivers an update.</param>
internal sealed class ResumedOutput(IReadOnlyList<ChatResponseUpdate> updates, bool wasLeft, int attempt, Action<ChatResponseUpdate> deliver)
{
    /// <summary>The result of a call that was delivered and never made.</summary>
    private const string NotMade = "The call was not made: the answer was begun anew.";

    private readonly DeliveredPieces _pieces = new(updates);
    private readonly List<ChatResponseUpdate> _message = [];
    private string? _messageId;
    private ChatRole? _role;
    private (string? From, string? To) _renamed;
    private int _piece;
    private int _offset;
    private int _messageStart;
    private bool _isDone;
    private bool _hasGap;

    public void Write(ChatResponseUpdate update)
    {
        var begins = !_isDone && BeginsMessage(update);
        if (!_isDone && _piece == _pieces.Count)
        {
            _isDone = true;
            if (!begins) ContinueMessage();
        }

        if (_isDone)
        {
            deliver(Rename(update));
            return;
        }

        if (begins)
        {
            // The message before ended earlier than it did at first.
            if (_offset > 0)
            {
                BeginAnew();
                Write(update);
                return;
            }

            _message.Clear();
            _messageStart = _piece;
        }

        _message.Add(update);
        Match(update);
    }

    /// <summary>The attempt has no more output.</summary>
    /// <param name="isComplete">Whether it has all its output; one that broke off leaves what was delivered as it is.</param>
    public void Complete(bool isComplete)
    {
        if (!_isDone)
        {
            SkipUsage();
            if (_piece == _pieces.Count) _isDone = true;
            else if (isComplete) BeginAnew();
            else EndDelivered(isCut: false);
        }

        // Callers who have more than this attempt delivers must get the end too.
        if (!isComplete) LeaveGap();
    }

    private void Match(ChatResponseUpdate update)
    {
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (_piece == _pieces.Count)
            {
                Continue(update, [.. update.Contents.Skip(i)]);
                return;
            }

            var content = update.Contents[i];
            if (content is not UsageContent) SkipUsage();
            if (!IsOfSameSide() || !Match(content, out var rest))
            {
                BeginAnew();
                return;
            }

            if (rest is null) continue;
            Continue(update, [rest, .. update.Contents.Skip(i + 1)]);
            return;
        }
    }

    /// <summary>Input of the user does not continue an answer, nor an answer input.</summary>
    private bool IsOfSameSide() => _piece == _pieces.Count || _pieces[_piece].Role == ChatRole.User == (_role == ChatRole.User);

    /// <returns>False when it differs. The rest is what comes after all that was delivered.</returns>
    private bool Match(AIContent content, out AIContent? rest) =>
        DeliveredPiece.TextOf(content) is { } text ? MatchText(content, text, out rest) : MatchOther(content, out rest);

    private bool MatchText(AIContent content, string text, out AIContent? rest)
    {
        rest = null;
        while (text.Length > 0)
        {
            SkipUsage();
            if (_piece == _pieces.Count)
            {
                rest = content is TextContent ? new TextContent(text) : new TextReasoningContent(text);
                rest.AdditionalProperties = content.AdditionalProperties;
                return true;
            }

            if (_pieces[_piece] is not { Text: { } known } piece || piece.Content.GetType() != content.GetType()) return false;
            var length = Math.Min(text.Length, known.Length - _offset);
            if (!text.AsSpan(0, length).SequenceEqual(known.AsSpan(_offset, length))) return false;
            (text, _offset) = (text[length..], _offset + length);
            if (_offset == known.Length) (_piece, _offset) = (_piece + 1, 0);
        }

        return true;
    }

    private bool MatchOther(AIContent content, out AIContent? rest)
    {
        rest = null;
        // Tokens of a repeated answer are not counted twice.
        if (content is UsageContent && _pieces[_piece].Content is not UsageContent) return true;
        if (_piece == _pieces.Count)
        {
            rest = content;
            return true;
        }

        if (_offset == 0 && content is FunctionResultContent result && _pieces[_piece].Content is FunctionResultContent && !_pieces.TryMoveResult(result.CallId, _piece))
        {
            deliver(new ChatResponseUpdate(ChatRole.Tool, [content]) { MessageId = _pieces[_piece].Message });
            return true;
        }

        if (_offset > 0 || !_pieces[_piece].IsSame(content)) return false;
        _piece++;
        return true;
    }

    private void SkipUsage()
    {
        while (_offset == 0 && _piece < _pieces.Count && _pieces[_piece].Content is UsageContent) _piece++;
    }

    /// <summary>All that was delivered came again: from here on the output is new. It belongs to the message that was begun.</summary>
    private void Continue(ChatResponseUpdate update, List<AIContent> rest)
    {
        _isDone = true;
        ContinueMessage();
        if (rest.Count == 0) return;
        var copy = Rename(update).Clone();
        copy.Contents = rest;
        deliver(copy);
    }

    /// <summary>The message that was begun has the id that it was delivered with.</summary>
    private void ContinueMessage()
    {
        if (_messageStart < _pieces.Count && _message.Count > 0) _renamed = (FirstId(), _pieces[^1].Message);
    }

    private string? FirstId() => _message.Select(m => m.MessageId).FirstOrDefault(id => !string.IsNullOrEmpty(id));

    private void BeginAnew()
    {
        EndDelivered(isCut: true);
        var id = FirstId();
        _renamed = (id, $"{id ?? "message"}.{attempt}");
        foreach (var held in _message) deliver(Rename(held));
        _message.Clear();
    }

    private void EndDelivered(bool isCut)
    {
        _isDone = true;
        LeaveGap();
        var last = _pieces[^1];
        if (isCut) deliver(new ChatResponseUpdate(last.Role ?? ChatRole.Assistant, [IncompleteMark.Create(_messageStart)]) { MessageId = last.Message });
        List<AIContent> answers = [.. _pieces.OpenCalls(_messageStart).Select(id => new FunctionResultContent(id, NotMade))];
        if (answers.Count > 0) deliver(new ChatResponseUpdate(ChatRole.Tool, answers));
    }

    /// <summary>Callers may have received more than the journal has: what is new now must have other numbers.</summary>
    private void LeaveGap()
    {
        if (wasLeft || _hasGap) return;
        _hasGap = true;
        deliver(ResumedMark.Create());
    }

    private bool BeginsMessage(ChatResponseUpdate update)
    {
        var begins = (_messageId is not null && !string.IsNullOrEmpty(update.MessageId) && update.MessageId != _messageId)
            || (_role is not null && update.Role is not null && update.Role != _role);
        if (begins) _messageId = null;
        _messageId = string.IsNullOrEmpty(update.MessageId) ? _messageId : update.MessageId;
        _role = update.Role ?? _role;
        return begins;
    }

    /// <summary>The message that continues has the id that it was begun with; one that begins anew has another.</summary>
    private ChatResponseUpdate Rename(ChatResponseUpdate update)
    {
        if (_renamed.To is null || update.MessageId != _renamed.From || update.Role == ChatRole.Tool) return update;
        var copy = update.Clone();
        copy.MessageId = _renamed.To;
        return copy;
    }
}
