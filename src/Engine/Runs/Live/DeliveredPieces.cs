using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// The output that was delivered, as pieces: the whole text of a message's part, or one other content. How it was cut into updates does
/// not matter.
/// </summary>
internal sealed class DeliveredPieces
{
    private readonly List<DeliveredPiece> _pieces = [];

    public DeliveredPieces(IReadOnlyList<ChatResponseUpdate> updates)
    {
        string? message = null;
        ChatRole? role = null;
        foreach (var update in updates)
        {
            if (!string.IsNullOrEmpty(update.MessageId)) message = update.MessageId;
            // Without an id, another role begins another message.
            else if (update.Role is { } next && next != role) message = null;
            role = update.Role ?? role;
            foreach (var content in update.Contents) Add(content, message, role);
        }
    }

    public int Count => _pieces.Count;

    public DeliveredPiece this[int index] => _pieces[index];

    /// <summary>
    /// Moves the result of a call to a place where the results of an answer begin or continue: tools that waited for an approval have theirs later.
    /// </summary>
    /// <returns>False when the result was not delivered.</returns>
    public bool TryMoveResult(string callId, int to)
    {
        for (var i = to; i < _pieces.Count && _pieces[i].Content is FunctionResultContent result; i++)
        {
            if (result.CallId != callId) continue;
            var piece = _pieces[i];
            _pieces.RemoveAt(i);
            _pieces.Insert(to, piece);
            return true;
        }

        return false;
    }

    /// <summary>The calls from a piece on that have no result.</summary>
    public IEnumerable<string> OpenCalls(int from)
    {
        var answered = _pieces.Select(p => p.Content).OfType<FunctionResultContent>().Select(r => r.CallId).ToHashSet(StringComparer.Ordinal);
        return _pieces.Skip(from).Select(p => p.Content).OfType<FunctionCallContent>().Select(c => c.CallId).Where(id => !answered.Contains(id));
    }

    private void Add(AIContent content, string? message, ChatRole? role)
    {
        // They come from the host, so that no attempt puts them out again.
        if (ApprovalContent.Is(content)) return;
        if (IncompleteMark.Find(content) is { } kept)
        {
            // What an earlier attempt gave up does not come again.
            _pieces.RemoveRange(Math.Min(kept, _pieces.Count), Math.Max(0, _pieces.Count - kept));
            return;
        }

        if (DeliveredPiece.TextOf(content) is not { } text)
        {
            var isStray = content is FunctionResultContent result && !_pieces.Exists(p => p.Content is FunctionCallContent call && call.CallId == result.CallId);
            if (!isStray) _pieces.Add(new DeliveredPiece(content, null, message, role));
        }
        else if (text.Length > 0)
        {
            if (_pieces is [.., { Text: { } before } last] && last.Content.GetType() == content.GetType() && last.Message == message && last.Role == role)
                _pieces[^1] = last with { Text = before + text };
            else
                _pieces.Add(new DeliveredPiece(content, text, message, role));
        }
    }
}

/// <summary>A piece of output.</summary>
/// <param name="Content">The content, or the first one of the text.</param>
/// <param name="Text">The text; null for another content.</param>
/// <param name="Message">The id of its message; null when it has none.</param>
/// <param name="Role">The role of its message.</param>
internal sealed record DeliveredPiece(AIContent Content, string? Text, string? Message, ChatRole? Role)
{
    /// <summary>The text of a content that may be delivered in parts; null for another one.</summary>
    public static string? TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text,
        TextReasoningContent { ProtectedData: null or "" } reasoning => reasoning.Text,
        _ => null,
    };

    /// <summary>Whether a content says the same.</summary>
    public bool IsSame(AIContent other) => Content.GetType() == other.GetType() && (Content, other) switch
    {
        (FunctionCallContent a, FunctionCallContent b) => a.CallId == b.CallId && a.Name == b.Name && CallArguments.ToText(a) == CallArguments.ToText(b),
        (FunctionResultContent a, FunctionResultContent b) => a.CallId == b.CallId,
        (ErrorContent a, ErrorContent b) => a.Message == b.Message,
        _ => true,
    };
}
