using Microsoft.Extensions.AI;

namespace PluginHost.Http.Streaming;

/// <summary>
/// Follows updates to the message that they belong to in the run's output, by the rules by which updates are joined to messages:
/// a change of message id, role or author begins a message.
/// </summary>
internal sealed class OutputPosition
{
    private string? _author;
    private ChatRole? _role;

    /// <summary>The index of the message in the output; -1 before the first update.</summary>
    public int Message { get; private set; } = -1;

    /// <summary>The id that the message was given; null as long as it has none.</summary>
    public string? MessageId { get; private set; }

    /// <returns>Whether the update begins a message.</returns>
    public bool MoveTo(ChatResponseUpdate update)
    {
        var begins = Message < 0 || BeginsMessage(update);
        if (begins)
        {
            Message++;
            (MessageId, _author, _role) = (null, null, null);
        }

        if (!string.IsNullOrEmpty(update.MessageId)) MessageId = update.MessageId;
        if (!string.IsNullOrEmpty(update.AuthorName)) _author = update.AuthorName;
        _role = update.Role ?? _role;
        return begins;
    }

    private bool BeginsMessage(ChatResponseUpdate update) =>
        Differs(MessageId, update.MessageId)
        || Differs(_author, update.AuthorName)
        || (_role is not null && update.Role is not null && _role != update.Role);

    private static bool Differs(string? current, string? next) =>
        !string.IsNullOrEmpty(current) && !string.IsNullOrEmpty(next) && current != next;
}
