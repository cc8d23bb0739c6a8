using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>What a run middleware behind the first history passed on.</summary>
/// <param name="Plugin">Its source id.</param>
/// <param name="Fingerprint">Its build and options, see <see cref="Plugins.PluginInstance.Fingerprint"/>.</param>
/// <param name="Got">The hash of what it got.</param>
internal sealed record ReplayPassed(string Plugin, string Fingerprint, string Got)
{
    /// <summary>The context; null when it was passed on as it was.</summary>
    public IReadOnlyList<ReplayPassedMessage>? Context { get; init; }

    /// <summary>The input as indexes in <see cref="RunExplanation.Contents"/>; null when it was passed on as it was.</summary>
    public IReadOnlyList<int>? Input { get; init; }

    /// <summary>What follows the instructions; null for nothing.</summary>
    public string? AddedInstructions { get; init; }

    /// <param name="stage">The middleware.</param>
    /// <param name="next">The place behind it.</param>
    /// <param name="trail">Keeps the messages.</param>
    /// <returns>Null when it changed something else than messages, or wrote the instructions anew: then it is asked again.</returns>
    public static ReplayPassed? From(PassedStage stage, PassedStage next, MessageTrail trail)
    {
        var (got, passed) = (stage.Request, next.Request);
        if ((passed with { Context = got.Context, Input = got.Input, Instructions = got.Instructions, Output = got.Output }) != got) return null;
        var (before, now) = (got.Instructions ?? "", passed.Instructions ?? "");
        if (!now.StartsWith(before, StringComparison.Ordinal)) return null;
        return new ReplayPassed(stage.Plugin!, stage.Fingerprint!, HashOf(got, stage.Input, trail.JsonOf))
        {
            Context = ReferenceEquals(got.Context, passed.Context) ? null : ReplayPassedMessage.Find(got.Context, passed.Context, trail),
            Input = ReferenceEquals(stage.Input, next.Input) ? null : [.. next.Input.Select(trail.AddContent)],
            AddedInstructions = now.Length > before.Length ? now[before.Length..] : null,
        };
    }

    /// <summary>Whether a middleware now gets what it got then: the messages, and how many tokens they may have.</summary>
    public bool IsFor(RunRequest request, IReadOnlyList<ChatMessage> input) => Got == HashOf(request, input, MessageTrail.ToJson);

    private static string HashOf(RunRequest request, IReadOnlyList<ChatMessage> input, Func<ChatMessage, JsonElement> toJson)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.MaxInputTokens} {string.IsNullOrEmpty(request.Instructions)} {request.Context.Count}"));
        for (var i = 0; i < request.Context.Count; i++) Append(request.Context[i].Message);
        foreach (var message in input) Append(message);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(ChatMessage message)
        {
            hash.AppendData("\n"u8);
            hash.AppendData(JsonMarshal.GetRawUtf8Value(toJson(message)));
        }
    }
}

/// <summary>A message of a context that was passed on.</summary>
/// <param name="From">Its index in the context that the middleware got; null for another message.</param>
internal sealed record ReplayPassedMessage(int? From)
{
    /// <summary>The index of another message in <see cref="RunExplanation.Contents"/>.</summary>
    public int Content { get; init; }

    public string? Source { get; init; }

    public MessageOrigin Origin { get; init; }

    public string? Id { get; init; }

    public bool IsKept { get; init; }

    public static IReadOnlyList<ReplayPassedMessage> Find(IReadOnlyList<ContextMessage> got, IReadOnlyList<ContextMessage> passed, MessageTrail trail)
    {
        var indexes = new Dictionary<(string?, string, string), Queue<int>>();
        for (var i = 0; i < got.Count; i++)
        {
            var key = KeyOf(got[i], trail);
            if (!indexes.TryGetValue(key, out var same)) indexes[key] = same = new();
            same.Enqueue(i);
        }

        return [.. passed.Select(m => indexes.TryGetValue(KeyOf(m, trail), out var same) && same.TryDequeue(out var index)
            ? new ReplayPassedMessage(index)
            : new ReplayPassedMessage((int?)null) { Content = trail.AddContent(m.Message), Source = m.Source, Origin = m.Origin, Id = m.Id, IsKept = m.IsKept })];
    }

    // A context makes some messages anew whenever they are read.
    private static (string? Id, string Source, string Json) KeyOf(ContextMessage message, MessageTrail trail) =>
        (message.Id, message.Source, trail.JsonOf(message.Message).GetRawText());
}
