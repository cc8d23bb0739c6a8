using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>Messages of the user for a run in progress. Immutable.</summary>
/// <param name="Messages">The messages.</param>
internal sealed record RunInput(IReadOnlyList<ChatMessage> Messages)
{
    public string? IdempotencyKey { get; init; }

    public string? RequestHash { get; init; }

    /// <summary>The command that brought them; null when they came by themselves.</summary>
    public object? Identity { get; init; }

    /// <summary>How many messages the run was given before.</summary>
    public int First { get; init; }

    /// <summary>A message as a part of the output: a copy, because those who get the output may change it.</summary>
    public static ChatResponseUpdate ToUpdate(ChatMessage message)
    {
        var copy = MessageCloner.Clone(message);
        return new ChatResponseUpdate(copy.Role, copy.Contents)
        {
            MessageId = copy.MessageId,
            AuthorName = copy.AuthorName,
            CreatedAt = copy.CreatedAt,
            AdditionalProperties = copy.AdditionalProperties,
        };
    }

    /// <summary>The same with an id for each message, because updates with one id are joined. The ids of one key and request begin alike.</summary>
    public RunInput Identify(string runId, int first)
    {
        var prefix = PrefixOf(runId);
        return this with { First = first, Messages = [.. Messages.Select((message, i) => Identify(message, $"{prefix}{first + i}"))] };
    }

    /// <summary>Whether a stored output has messages that came with this key and request: their ids tell it when the run is no longer in memory.</summary>
    public bool IsIn(RunRecord run)
    {
        if (IdempotencyKey is null) return false;
        var prefix = PrefixOf(run.Id);
        return run.Output.Any(m => m.MessageId?.StartsWith(prefix, StringComparison.Ordinal) == true);
    }

    private static ChatMessage Identify(ChatMessage message, string id)
    {
        var copy = message.Clone();
        copy.MessageId = id;
        return copy;
    }

    private string PrefixOf(string runId) => IdempotencyKey is { } key
        ? $"{runId}.input.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{RequestHash}")).AsSpan(0, 8))}."
        : $"{runId}.input.";
}
