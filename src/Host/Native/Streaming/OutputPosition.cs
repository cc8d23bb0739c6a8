using Microsoft.Extensions.AI;

namespace PluginHost.Native.Streaming;

/// <summary>
/// Follows updates to the message and content index that they will have in the run's output: the same rules by which
/// updates are joined to messages (a change of message id, role or author begins a message; text that follows text of
/// the same kind extends it).
/// </summary>
internal sealed class OutputPosition(string runId)
{
    private int _message = -1;
    private string? _messageId;
    private string? _author;
    private ChatRole? _role;
    private int _index = -1;
    private Type? _kind;

    /// <summary>The id of the message.</summary>
    public string MessageId { get; private set; } = "";

    /// <summary>The index of the message in the output.</summary>
    public int Message => _message;

    /// <summary>The index of the part in its message.</summary>
    public int Index => _index;

    public void MoveTo(ChatResponseUpdate update)
    {
        if (_message < 0 || BeginsMessage(update))
        {
            _message++;
            (_messageId, _author, _role, _index, _kind) = (null, null, null, -1, null);
        }

        if (!string.IsNullOrEmpty(update.MessageId)) _messageId = update.MessageId;
        if (!string.IsNullOrEmpty(update.AuthorName)) _author = update.AuthorName;
        _role = update.Role ?? _role;
        MessageId = MessageJson.IdOf(_messageId, runId, _message);
    }

    public void MoveTo(AIContent content)
    {
        if (!MessageJson.HasPart(content)) return;
        var kind = content.GetType();
        if (kind != _kind || content is not (TextContent or TextReasoningContent)) _index++;
        _kind = kind;
    }

    private bool BeginsMessage(ChatResponseUpdate update) =>
        Differs(_messageId, update.MessageId)
        || Differs(_author, update.AuthorName)
        || (_role is not null && update.Role is not null && _role != update.Role);

    private static bool Differs(string? current, string? next) =>
        !string.IsNullOrEmpty(current) && !string.IsNullOrEmpty(next) && current != next;
}
