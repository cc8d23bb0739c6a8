using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// The instructions of a request as its caller sent them: messages with their roles and parts. Plugins see and change the text in
/// <see cref="ChatOptions.Instructions"/>; a client that finds the text there unchanged sends the messages. Immutable.
/// </summary>
/// <param name="Messages">The messages.</param>
internal sealed record SentInstructions(IReadOnlyList<ChatMessage> Messages)
{
    private const string Property = "wire.instructions";

    public string Text { get; } = string.Join('\n', Messages.Select(m => m.Text));

    public static SentInstructions? Find(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(Property, out var value) == true ? value as SentInstructions : null;

    public void AddTo(ChatOptions options) => (options.AdditionalProperties ??= [])[Property] = this;

    /// <summary>
    /// The instructions of a request as messages. The agent's own and those of plugins are added to the caller's first and last
    /// message: many models take only one. Without a caller's message they are one of the role system.
    /// </summary>
    public static IReadOnlyList<ChatMessage> ToMessages(ChatOptions? options)
    {
        if (options?.Instructions is not { Length: > 0 } text) return [];
        if (Find(options) is not { } sent || sent.Split(text) is not { } around) return [new ChatMessage(ChatRole.System, text)];
        if (around is ("", "")) return sent.Messages;
        var messages = sent.Messages.ToArray();
        if (around.Before.Length > 0) messages[0] = WithText(messages[0], around.Before, isFirst: true);
        if (around.After.Length > 0) messages[^1] = WithText(messages[^1], around.After, isFirst: false);
        return messages;
    }

    /// <summary>What was added before and after the caller's instructions; null when they were changed.</summary>
    public (string Before, string After)? Split(string instructions)
    {
        var at = instructions.IndexOf(Text, StringComparison.Ordinal);
        if (at < 0 || Text.Length == 0) return null;
        var (before, after) = (instructions[..at], instructions[(at + Text.Length)..]);
        return (before.EndsWith('\n') ? before[..^1] : before, after.StartsWith('\n') ? after[1..] : after);
    }

    private static ChatMessage WithText(ChatMessage message, string text, bool isFirst)
    {
        var copy = message.Clone();
        var hasParts = message.Contents.Count > 1 || message.Contents.Any(c => WireContent.GetForm(c) is not null || WireContent.GetMembers(c.AdditionalProperties) is not null);
        if (!hasParts) copy.Contents = [new TextContent(isFirst ? $"{text}\n{message.Text}" : $"{message.Text}\n{text}")];
        else copy.Contents = isFirst ? [new TextContent(text), .. message.Contents] : [.. message.Contents, new TextContent(text)];
        return copy;
    }
}
